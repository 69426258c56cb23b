import { focusManager, type Query, type QueryKey } from "@tanstack/react-query";
import { createStore } from "../lib/store.ts";
import { isProblem } from "./problem.ts";
import { queryClient, repeatDelay } from "./queries.ts";

/** The moment (milliseconds) at which reads that got no answer are repeated; `null` while all is answered. */
export const retryAt = createStore<number | null>(null);

/** Milliseconds until a read is asked again that was repeated in vain. */
const GIVEN_UP = 15_000;

/** The moment of the next repeat of each read that got no answer, by the hash of its key. */
const waiting = new Map<string, number>();

interface Outcome {
  type: string;
  failureCount?: number;
  error?: unknown;
}

/** The moment at which a read is repeated: `null` where it is not, `undefined` where that did not change. */
export function repeatAt(outcome: Outcome, now: number): number | null | undefined {
  const { type, error } = outcome;
  if (type === "success") return null;
  if (type === "failed") return now + repeatDelay((outcome.failureCount ?? 1) - 1, error);
  if (type !== "error") return undefined;
  if (!isProblem(error) || !error.passing) return null;
  return now + Math.max(GIVEN_UP, (error.retryAfter ?? 0) * 1_000);
}

/** Follows the reads of the whole page, so that one bar says when they are repeated. */
export function followRepeats(): void {
  queryClient.getQueryCache().subscribe((event) => {
    const { query } = event;
    if (event.type === "updated") {
      const at = repeatAt(event.action, Date.now());
      if (at === null) waiting.delete(query.queryHash);
      else if (at !== undefined && query.isActive()) waiting.set(query.queryHash, at);
    } else if (event.type === "removed" || !query.isActive()) {
      waiting.delete(query.queryHash);
    }
    retryAt.set(waiting.size === 0 ? null : Math.min(...waiting.values()));
  });
  window.addEventListener("online", () => void askAgain());
}

type AnyQuery = Query<unknown, Error, unknown, QueryKey>;

/** Repeats at once every read that waits. */
export async function askAgain(): Promise<void> {
  const predicate = (query: AnyQuery) => waiting.has(query.queryHash);
  await queryClient.cancelQueries({ predicate });
  await queryClient.refetchQueries({ predicate, type: "active" });
}

/** Asks again what was repeated in vain, once its time has come. A hidden tab asks nothing. */
export function askOverdue(now: number): void {
  if (!focusManager.isFocused()) return;
  const predicate = ({ queryHash, state }: AnyQuery) =>
    state.fetchStatus === "idle" && (waiting.get(queryHash) ?? Number.POSITIVE_INFINITY) <= now;
  void queryClient.refetchQueries({ predicate, type: "active" });
}
