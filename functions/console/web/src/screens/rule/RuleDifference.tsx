import { useQuery } from "@tanstack/react-query";
import { useClient } from "../../api/context.tsx";
import { differing } from "../../lib/diff.ts";
import { Problem } from "../../ui/Problem.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { useWords } from "../../words/index.ts";
import { ChangesTable } from "../changes/ChangesTable.tsx";
import type { RuleValue } from "./draft.ts";
import { useRuleDescription } from "./useRuleDescription.ts";

/** The fields in which a version of a rule differs from the one in force. */
export function RuleDifference(props: {
  rule: RuleValue;
  version: number;
  label: string;
  /** The names of the version and of the one in force. */
  columns: readonly [string, string];
}) {
  const { rule, version } = props;
  const { json } = useWords();
  const client = useClient();
  const description = useRuleDescription();
  const before = useQuery({
    queryKey: [client.workspace, "rule version", rule.id, version],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) =>
      client.get("/v1/rules/{rule}", { path: { rule: rule.id }, query: { version }, signal }),
  });
  if (before.error) return <Problem error={before.error} onRetry={() => void before.refetch()} />;
  if (!before.data) return <Skeleton lines={6} />;
  const rows = differing([description.of(before.data), description.of(rule)], description.isWhole);
  if (rows.length === 0) return <p>{json.diff.same}</p>;
  return (
    <ChangesTable
      label={props.label}
      columns={props.columns}
      rows={rows}
      description={description}
    />
  );
}
