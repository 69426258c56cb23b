import assert from "node:assert/strict";
import { test } from "node:test";
import { allTries, comingTries, places, spread } from "./attemptLine.ts";

test("s5_8_waits_count_from_the_start_of_the_try_before", () => {
  assert.deepEqual(allTries([30, 60, 90], 0), [0, 30_000, 90_000, 180_000]);
});

test("s4_5_after_two_counted_attempts_three_of_five_waits_are_left", () => {
  const waits = [60, 300, 900, 3600, 10_800];
  const next = 1_000_000;
  const later = comingTries(waits, 2, next);
  assert.deepEqual(later, [next + 900_000, next + 4_500_000, next + 15_300_000]);
  assert.deepEqual(comingTries(waits, 2, null), []);
  assert.deepEqual(comingTries(waits, 5, next), []);
});

test("short lines are even, long ones logarithmic, both from 0 to 1", () => {
  assert.deepEqual(places([0, 60_000, 120_000], 0), [0, 0.5, 1]);
  const [first, second, last] = places([0, 60_000, 86_400_000], 0);
  assert.equal(first, 0);
  assert.equal(last, 1);
  assert.ok(second !== undefined && second > 0.05 && second < 0.2);
  assert.deepEqual(places([5], 5), [0]);
  assert.deepEqual(places([0, 60_000], 0, 120_000), [0, 0.5]);
});

test("marks keep their distance and their order", () => {
  const apart = spread([0, 0.01, 0.5, 0.99, 1], 0.05);
  for (const [i, place] of apart.entries()) {
    assert.ok(place >= 0 && place <= 1.000001);
    const before = apart[i - 1];
    if (before !== undefined) assert.ok(place - before >= 0.05 - 1e-9);
  }
  assert.equal(
    spread(
      Array.from({ length: 50 }, () => 0.5),
      0.1,
    ).length,
    50,
  );
});
