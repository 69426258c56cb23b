import { useQueryClient } from "@tanstack/react-query";
import { useClient } from "../../api/context.tsx";
import { Conflict, type ConflictOf } from "../changes/Conflict.tsx";
import type { RuleValue } from "./draft.ts";
import { useRuleDescription } from "./useRuleDescription.ts";

/** Somebody else saved the rule meanwhile. */
export function RuleConflict(props: ConflictOf<RuleValue>) {
  const client = useClient();
  const cache = useQueryClient();
  const description = useRuleDescription();
  const path = { rule: props.opened.id };
  return (
    <Conflict
      {...props}
      description={description}
      read={(signal) => client.get("/v1/rules/{rule}", { path, signal })}
      onTake={(theirs) => {
        cache.setQueryData([client.workspace, "rule", theirs.id], theirs);
        props.onTake(theirs);
      }}
    />
  );
}
