import { useQueries } from "@tanstack/react-query";
import { useClient } from "../../api/context.tsx";
import type { Run } from "../../api/history.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { JsonDiff } from "../../ui/Diff/Diff.tsx";
import { Problem } from "../../ui/Problem.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { useWords } from "../../words/index.ts";

interface Props {
  integration: string;
  runs: readonly [Run, Run];
  onClose: () => void;
}

/** The difference of the mappings of two runs. */
export function CompareMappings({ integration, runs, onClose }: Props) {
  const w = useWords().history.webhook;
  const client = useClient();
  const [a, b] = runs;
  const versions = runs.map((run) => run.mapping_version);
  const answers = useQueries({
    queries: versions.map((version) => ({
      queryKey: [client.workspace, "mapping", integration, version],
      staleTime: Number.POSITIVE_INFINITY,
      enabled: version !== null,
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const query = version === null ? {} : { mapping_version: version };
        const path = { integration };
        return (await client.get("/v1/integrations/{integration}", { path, query, signal }))
          .mapping;
      },
    })),
  });
  const failed = answers.find((one) => one.error);
  const [before, after] = answers.map((one) => one.data);
  const same = versions[0] === versions[1];
  return (
    <Dialog title={w.compareTitle(a.number, b.number)} width="large" dismissable onClose={onClose}>
      {same && <p>{w.compareSame}</p>}
      {!same && failed && <Problem error={failed.error} />}
      {!same && !failed && (!before || !after) && <Skeleton lines={6} />}
      {!same && before && after && (
        <JsonDiff before={before} after={after} label={w.compareTitle(a.number, b.number)} />
      )}
    </Dialog>
  );
}
