import assert from "node:assert/strict";
import { test } from "node:test";
import type { components } from "../api/schema.d.ts";
import { compare, inParallel, summary } from "./rehearse.ts";

type Preview = components["schemas"]["Preview"];

function preview(contact: Record<string, unknown> | null, problems = 0): Preview {
  const problem = { code: "mapping_failed" as const, message: "x", params: {} };
  return {
    kind: "json",
    result: contact === null ? null : { contact, deal: {}, keys: [] },
    is_taken: contact !== null,
    problems: Array.from({ length: problems }, () => problem),
    warnings: [],
    trace: [],
    paths: [],
  };
}

test("each_webhook_is_same_changed_mended_or_broken", () => {
  const a = preview({ email: "a" });
  assert.equal(compare(a, preview({ email: "a" })).verdict, "same");
  const changed = compare(a, preview({ email: "b", name: "n" }));
  assert.equal(changed.verdict, "changes");
  assert.deepEqual(changed.changes, [
    { path: "contact.email", before: '"a"', after: '"b"' },
    { path: "contact.name", before: undefined, after: '"n"' },
  ]);
  assert.equal(compare(preview({}, 1), a).verdict, "mended");
  assert.equal(compare(a, preview({ email: "a" }, 1)).verdict, "broken");
  assert.equal(compare(a, preview(null)).verdict, "broken");
  assert.equal(compare(preview({}, 1), preview({}, 2)).verdict, "same");
  assert.equal(compare(undefined, a).verdict, "failed");
});

test("fc_27_a_webhook_that_is_not_taken_is_not_broken", () => {
  const a = preview({ email: "a" });
  const warning = { code: "not_for_this_integration" as const, message: "x", params: {} };
  const other: Preview = { ...preview(null), warnings: [warning] };
  assert.equal(compare(a, other).verdict, "changes");
  assert.equal(compare(other, other).verdict, "same");
});

test("the_summary_counts_every_webhook_once", () => {
  const a = preview({ email: "a" });
  const results = [compare(a, a), compare(a, preview({})), compare(a, undefined)];
  assert.deepEqual(summary(results), { same: 1, changes: 1, mended: 0, broken: 0, failed: 1 });
});

test("at_most_so_many_run_together_and_all_are_told", async () => {
  let running = 0;
  let most = 0;
  const told: number[] = [];
  const run = async (item: number) => {
    running += 1;
    most = Math.max(most, running);
    await Promise.resolve();
    await Promise.resolve();
    running -= 1;
    return item * 2;
  };
  const items = Array.from({ length: 30 }, (_, i) => i);
  await inParallel(items, 8, run, (_, result) => told.push(result), new AbortController().signal);
  assert.equal(most, 8);
  assert.equal(told.length, 30);
});

test("nothing_is_begun_or_told_after_it_was_stopped", async () => {
  const stop = new AbortController();
  const begun: number[] = [];
  const told: number[] = [];
  await inParallel(
    [1, 2, 3, 4],
    1,
    async (item) => {
      begun.push(item);
      if (item === 2) stop.abort();
      return item;
    },
    (item) => told.push(item),
    stop.signal,
  );
  assert.deepEqual([begun, told], [[1, 2], [1]]);
});
