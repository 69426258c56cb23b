import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useClient, useMay, useWorkspace } from "../../api/context.tsx";
import { jobsKey, newestJobsQuery } from "../../api/jobs.ts";
import { paths } from "../../lib/paths.ts";
import { Button } from "../../ui/Button.tsx";
import { Link } from "../../ui/Link.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { useWords } from "../../words/index.ts";

/** The job that goes through this origin now, whoever started it. */
export function RunningJob({ origin }: { origin: string }) {
  const client = useClient();
  const queries = useQueryClient();
  const { id: ws } = useWorkspace();
  const words = useWords();
  const may = useMay("operator");
  const { data } = useQuery(newestJobsQuery(client));
  const job = data?.find((one) => one.origin === origin && one.state === "running");
  const stop = useMutation({
    mutationFn: (id: string) => client.post("/v1/jobs/{job}/cancel", { path: { job: id } }),
    onSettled: () => queries.invalidateQueries({ queryKey: jobsKey(client) }),
  });
  if (!job) return null;
  const w = words.history.reprocess;
  const action = (
    <Button
      small
      busy={stop.isPending}
      reason={may ? undefined : words.common.needs.operator}
      onPress={() => stop.mutate(job.id)}
    >
      {w.stop}
    </Button>
  );
  return (
    <Banner tone="plain" action={action}>
      <Link href={paths.job(ws, job.id)}>{w.progress(job.done, job.total)}</Link>
    </Banner>
  );
}
