import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useClient, useIdempotencyKey } from "../../api/context.tsx";
import { webhookQuery } from "../../api/history.ts";
import { type Awaited, endedRun, rerunInterval } from "./rerun.ts";

/** A webhook with its runs; reprocessing it waits for the new run. */
export function useRerun(origin: string, id: string, onTouched: () => void) {
  const client = useClient();
  const queries = useQueryClient();
  const { key, renew } = useIdempotencyKey();
  const [awaited, setAwaited] = useState<Awaited | null>(null);
  const query = useQuery({
    ...webhookQuery(client, origin, id),
    refetchInterval: ({ state }) => rerunInterval(state.data, awaited, Date.now()),
  });
  const ask = useMutation({
    mutationFn: () =>
      client.post("/v1/origins/{origin}/webhooks/{webhook}/reprocess", {
        path: { origin, webhook: id },
        idempotencyKey: key,
      }),
    onSuccess: ({ run }) => setAwaited({ run, since: Date.now() }),
    onSettled: () => {
      renew();
      onTouched();
      void queries.invalidateQueries({ queryKey: webhookQuery(client, origin, id).queryKey });
    },
  });
  const run = awaited ? endedRun(query.data, awaited.run) : undefined;
  const ended = run !== undefined;
  useEffect(() => {
    if (ended) onTouched();
  }, [ended, onTouched]);
  return {
    query,
    /** The run that this page asked for, once it ended. */
    run,
    busy: ask.isPending || (awaited !== null && !ended),
    error: ask.error,
    ask: () => ask.mutate(),
  };
}

export type Rerun = ReturnType<typeof useRerun>;
