import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useClient } from "../../api/context.tsx";
import { Button } from "../../ui/Button.tsx";
import { JsonDiff } from "../../ui/Diff/Diff.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { useWords } from "../../words/index.ts";
import { type RuleValue, settingsOf } from "./draft.ts";

/** Somebody else saved the rule meanwhile: what they changed, and whose rule stays. */
export function Conflict(props: { saved: RuleValue; onKeep: (version: number) => void }) {
  const { saved } = props;
  const { rules: w } = useWords();
  const client = useClient();
  const cache = useQueryClient();
  const now = useQuery({
    queryKey: [client.workspace, "rule now", saved.id],
    gcTime: 0,
    queryFn: ({ signal }) => client.get("/v1/rules/{rule}", { path: { rule: saved.id }, signal }),
  });
  const theirs = now.data;
  return (
    <Banner tone="bad" alert>
      <p>{w.conflict}</p>
      {theirs && (
        <>
          <JsonDiff
            before={settingsOf(saved)}
            after={settingsOf(theirs)}
            label={w.conflictFields}
          />
          <div>
            <Button
              onPress={() => cache.setQueryData([client.workspace, "rule", saved.id], theirs)}
            >
              {w.takeTheirs}
            </Button>{" "}
            <Button kind="primary" onPress={() => props.onKeep(theirs.version)}>
              {w.keepMine}
            </Button>
          </div>
        </>
      )}
    </Banner>
  );
}
