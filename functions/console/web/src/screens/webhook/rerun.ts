import type { Run, WebhookDetail } from "../../api/history.ts";

const FAST_FOR = 15_000;

/** The run that was asked for, and when (milliseconds). */
export interface Awaited {
  run: number;
  since: number;
}

/** The run with a number, once it ended. */
export function endedRun(webhook: WebhookDetail | undefined, number: number): Run | undefined {
  return webhook?.runs.find((run) => run.number === number && run.status !== "pending");
}

/** The newest run that ended: its result is the webhook's. */
export function lastRun(webhook: Pick<WebhookDetail, "runs">): Run | undefined {
  const ended = webhook.runs.filter((run) => run.status !== "pending");
  return ended.reduce<Run | undefined>(
    (last, run) => (last === undefined || run.number > last.number ? run : last),
    undefined,
  );
}

/**
 * Milliseconds until a webhook is asked for again: 1 s for 15 s, then 5 s, until the run that was asked for is
 * there, or the first one.
 */
export function rerunInterval(
  webhook: WebhookDetail | undefined,
  awaited: Awaited | null,
  now: number,
): number | false {
  const hasEnded = awaited ? endedRun(webhook, awaited.run) : webhook?.status !== "pending";
  if (hasEnded) return false;
  const since = awaited ? awaited.since : Date.parse(webhook?.received_at ?? "");
  return now - since < FAST_FOR ? 1_000 : 5_000;
}
