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

/** Milliseconds until a webhook is asked for again: 1 s for 15 s, then 5 s, until its run is there. */
export function rerunInterval(
  webhook: WebhookDetail | undefined,
  awaited: Awaited | null,
  now: number,
): number | false {
  if (!awaited || endedRun(webhook, awaited.run)) return false;
  return now - awaited.since < FAST_FOR ? 1_000 : 5_000;
}
