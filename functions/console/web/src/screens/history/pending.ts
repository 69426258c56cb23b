import type { Webhook } from "../../api/history.ts";

type Watched = Pick<Webhook, "received_at" | "status" | "reprocessing">;

/** Milliseconds for which a row that is being processed is followed. */
export const WATCHED = 30_000;

/** Milliseconds until the list is asked again because a run is under way; `false`: none is. */
export function pendingInterval(
  rows: readonly Watched[],
  watchUntil: number,
  now: number,
): number | false {
  const young = (row: Watched) => now - Date.parse(row.received_at) < WATCHED;
  const runs = (row: Watched) => row.status === "pending" || row.reprocessing;
  const waits = rows.some((row) => runs(row) && (young(row) || now < watchUntil));
  return waits ? 2_000 : false;
}
