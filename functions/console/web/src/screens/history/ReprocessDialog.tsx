import { useMutation, useQueries } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useClient, useIdempotencyKey, useWorkspace } from "../../api/context.tsx";
import { filterParameters, type InboundStatus, type WebhookFilter } from "../../api/history.ts";
import { problemText } from "../../lib/problemText.ts";
import { follow } from "../../shell/jobs.ts";
import { Confirm } from "../../ui/Dialog.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { StatusMark } from "../../ui/StatusMark.tsx";
import { Time } from "../../ui/Time.tsx";
import { useWords } from "../../words/index.ts";
import { useFilterWords } from "./filterWords.ts";
import styles from "./History.module.css";
import { STATUSES } from "./search.ts";

interface Props {
  origin: string;
  filter: WebhookFilter;
  onClose: () => void;
}

/** Reprocesses everything that a filter matches, after the server's own count of it. */
export function ReprocessDialog({ origin, filter, onClose }: Props) {
  const words = useWords();
  const w = words.history.reprocess;
  const client = useClient();
  const { time_zone: zone } = useWorkspace();
  const said = useFilterWords()(filter);
  const { key } = useIdempotencyKey();
  // What comes after the count is not part of it: an open end becomes the moment of the count.
  const [frozenAt] = useState(() => new Date());
  const frozen = useMemo(
    () => ({
      to: frozenAt.toISOString(),
      ...filterParameters(filter, frozenAt.getTime(), zone),
    }),
    [filter, frozenAt, zone],
  );
  const statuses: readonly InboundStatus[] = filter.status.length > 0 ? filter.status : STATUSES;
  const counts = useQueries({
    queries: statuses.map((status) => ({
      queryKey: [client.workspace, "dry-run", origin, frozen, status],
      gcTime: 0,
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const answer = await client.post("/v1/origins/{origin}/reprocess", {
          path: { origin },
          body: { filter: { ...frozen, status: [status] }, dry_run: true },
          signal,
        });
        return "count" in answer ? answer.count : 0;
      },
    })),
  });
  const start = useMutation({
    mutationFn: async () => {
      const answer = await client.post("/v1/origins/{origin}/reprocess", {
        path: { origin },
        body: { filter: frozen },
        idempotencyKey: key,
      });
      return "id" in answer ? answer : null;
    },
    onSuccess: (job) => {
      if (job) follow(client, job);
      onClose();
    },
  });
  const counting = counts.some((one) => one.isPending);
  const failed = counts.find((one) => one.isError)?.error ?? start.error;
  const total = counts.reduce((sum, one) => sum + (one.data ?? 0), 0);
  const reason = counting ? w.counting : total === 0 ? w.none : undefined;
  const of = (status: InboundStatus) => counts[statuses.indexOf(status)]?.data ?? 0;
  return (
    <Confirm
      title={w.title}
      action={counting ? w.button : w.confirm(total)}
      reason={reason ?? (failed && !start.error ? w.none : undefined)}
      busy={start.isPending}
      onConfirm={() => start.mutate()}
      onClose={onClose}
    >
      {failed && (
        <Banner tone="bad" alert>
          <Foreign text={problemText(failed, words)} />
        </Banner>
      )}
      <p className={styles.chips}>
        {said.map((part) => (
          <span key={part}>{part}</span>
        ))}
      </p>
      <output className={styles.big}>{counting ? w.counting : w.willRun(total)}</output>
      {!counting && total > 0 && (
        <div className={styles.counts}>
          {statuses.map((status) => (
            <StatusMark key={status} of="inbound" status={status}>
              {words.history.count(of(status))}
            </StatusMark>
          ))}
        </div>
      )}
      <ul className={styles.notes}>
        {filter.to === undefined && (
          <li>
            {w.frozen} <Time at={frozenAt.toISOString()} relative={false} />
          </li>
        )}
        {statuses.includes("success") && of("success") > 0 && <li>{w.successNote}</li>}
        {statuses.includes("pending") && of("pending") > 0 && <li>{w.pendingNote}</li>}
        <li>{w.atMost}</li>
      </ul>
    </Confirm>
  );
}
