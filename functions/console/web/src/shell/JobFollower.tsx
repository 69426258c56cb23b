import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useClient } from "../api/context.tsx";
import { type Job, jobQuery, jobsKey, skippedOf } from "../api/jobs.ts";
import { queryClient } from "../api/queries.ts";
import { wrongOf } from "../lib/jobFilter.ts";
import { useRouter } from "../lib/router/hooks.ts";
import { useStore } from "../lib/store.ts";
import { amend, say } from "../ui/toasts.ts";
import { useWords } from "../words/index.ts";
import { followed, unfollow } from "./jobs.ts";

/** Tells the progress of the jobs that this tab started. */
export function JobFollower() {
  const client = useClient();
  const all = useStore(followed);
  return all
    .filter((one) => one.workspace === client.workspace)
    .map((one) => <Follower key={one.job} job={one.job} />);
}

function Follower({ job: id }: { job: string }) {
  const client = useClient();
  const router = useRouter();
  const w = useWords().history.reprocess;
  const { data: job } = useQuery(jobQuery(client, id));
  const toast = useRef<number>(undefined);
  useEffect(() => {
    if (!job) return;
    if (job.state === "running") {
      const stop = () => {
        void client.post("/v1/jobs/{job}/cancel", { path: { job: job.id } }).finally(() => {
          void queryClient.invalidateQueries({ queryKey: [client.workspace, "job", job.id] });
        });
      };
      const message = {
        text: w.progress(job.done, job.total),
        stays: true,
        action: { label: w.stop, run: stop },
      };
      if (toast.current === undefined) toast.current = say(message);
      else amend(toast.current, message);
      return;
    }
    const message = { text: endOf(job, w), tone: "ok" as const, ...wrong(job) };
    if (toast.current === undefined) say(message);
    else amend(toast.current, message);
    unfollow(job.id);
    void queryClient.invalidateQueries({ queryKey: jobsKey(client) });
    void queryClient.invalidateQueries({ queryKey: [client.workspace, "webhooks"] });
    void queryClient.invalidateQueries({ queryKey: [client.workspace, "deliveries"] });

    function wrong(ended: Job) {
      const href = wrongOf(ended, client.workspace);
      if (href === null) return {};
      const run = () => void router.navigate({ href });
      return { action: { label: w.stillWrong, run } };
    }
  }, [job, client, router, w]);
  return null;
}

function endOf(
  job: Job,
  w: { ended: (d: number, s: number) => string; stopped: (d: number, t: number) => string },
) {
  return job.state === "done"
    ? w.ended(job.enqueued, skippedOf(job))
    : w.stopped(job.done, job.total);
}
