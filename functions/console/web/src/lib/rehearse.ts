import type { components } from "../api/schema.d.ts";
import { diffFields, type FieldChange } from "./diff.ts";

type Preview = components["schemas"]["Preview"];

export type Verdict = "same" | "changes" | "mended" | "broken" | "failed";

/** One webhook under the saved and under the proposed mapping. */
export interface Rehearsed {
  readonly verdict: Verdict;
  readonly changes: readonly FieldChange[];
  readonly before: Preview | undefined;
  readonly after: Preview | undefined;
}

/** True if the webhook does not meet the condition of the integration: it changes nothing, which is no failure. */
export function isOther(preview: Preview): boolean {
  return preview.warnings.some(({ code }) => code === "not_for_this_integration");
}

function fails(preview: Preview): boolean {
  return preview.problems.length > 0 || (preview.result === null && !isOther(preview));
}

/** Compares what two mappings make of one webhook; `undefined` where a preview got no answer. */
export function compare(before: Preview | undefined, after: Preview | undefined): Rehearsed {
  if (before === undefined || after === undefined) {
    return { verdict: "failed", changes: [], before, after };
  }
  const changes = diffFields(before.result ?? {}, after.result ?? {});
  return { verdict: verdict(before, after, changes), changes, before, after };
}

function verdict(before: Preview, after: Preview, changes: readonly FieldChange[]): Verdict {
  if (fails(before) && !fails(after)) return "mended";
  if (!fails(before) && fails(after)) return "broken";
  return changes.length > 0 ? "changes" : "same";
}

export function summary(results: readonly Rehearsed[]): Record<Verdict, number> {
  const counts: Record<Verdict, number> = { same: 0, changes: 0, mended: 0, broken: 0, failed: 0 };
  for (const { verdict: found } of results) counts[found] += 1;
  return counts;
}

/**
 * Runs a task for each item, at most `together` at a time, and tells each result as it comes. Ends early when
 * `signal` is aborted.
 */
export async function inParallel<T, R>(
  items: readonly T[],
  together: number,
  run: (item: T) => Promise<R>,
  onResult: (item: T, result: R) => void,
  signal: AbortSignal,
): Promise<void> {
  let next = 0;
  async function work(): Promise<void> {
    while (next < items.length && !signal.aborted) {
      const item = items[next];
      next += 1;
      if (item === undefined) return;
      const result = await run(item);
      if (!signal.aborted) onResult(item, result);
    }
  }
  await Promise.all(Array.from({ length: Math.min(together, items.length) }, work));
}
