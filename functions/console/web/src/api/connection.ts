import { createStore } from "../lib/store.ts";

/** The moment (milliseconds) at which unanswered requests are repeated; `null` while all is answered. */
export const retryAt = createStore<number | null>(null);

/** Notes the outcome of a request: `null` where an answer came, else seconds until it may be repeated. */
export function reached(waitSeconds: number | null): void {
  if (waitSeconds === null) {
    retryAt.set(null);
    return;
  }
  const at = Date.now() + waitSeconds * 1000;
  // Several requests fail together: the bar counts down to the first that is repeated.
  const now = retryAt.get();
  if (now === null || now < Date.now()) retryAt.set(at);
}
