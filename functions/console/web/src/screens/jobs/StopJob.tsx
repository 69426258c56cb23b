import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useClient, useMay } from "../../api/context.tsx";
import { type Job, jobQuery, jobsKey } from "../../api/jobs.ts";
import { problemText } from "../../lib/problemText.ts";
import { Button } from "../../ui/Button.tsx";
import { Confirm } from "../../ui/Dialog.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { useWords } from "../../words/index.ts";

/** Stops a running job after one question; what was requested goes on. */
export function StopJob({ job }: { job: Job }) {
  const words = useWords();
  const w = words.history.jobs;
  const client = useClient();
  const queries = useQueryClient();
  const may = useMay("operator");
  const [asks, setAsks] = useState(false);
  const stop = useMutation({
    mutationFn: () => client.post("/v1/jobs/{job}/cancel", { path: { job: job.id } }),
    onSuccess: () => setAsks(false),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: jobsKey(client) });
      void queries.invalidateQueries({ queryKey: jobQuery(client, job.id).queryKey });
    },
  });
  return (
    <>
      <Button
        icon="ban"
        reason={may ? undefined : words.common.needs.operator}
        onPress={() => setAsks(true)}
      >
        {w.stop}
      </Button>
      {asks && (
        <Confirm
          title={w.stopTitle}
          action={w.stop}
          busy={stop.isPending}
          onConfirm={() => stop.mutate()}
          onClose={() => setAsks(false)}
        >
          {stop.error && <Banner tone="bad">{problemText(stop.error, words)}</Banner>}
          <p>{w.stopText(job.done, job.total)}</p>
        </Confirm>
      )}
    </>
  );
}
