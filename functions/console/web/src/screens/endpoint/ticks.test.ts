import assert from "node:assert/strict";
import { test } from "node:test";
import { ticks } from "./ticks.ts";

const at = (time: string) => Date.parse(`2026-11-28T${time}Z`);
const clock = (moment: number) => new Date(moment).toISOString().slice(11, 19);

test("ticks are round, and no more than fit", () => {
  const half = ticks(at("14:01:10"), at("14:31:00"), 5).map(clock);
  assert.deepEqual(half, ["14:10:00", "14:20:00", "14:30:00"]);
  assert.deepEqual(ticks(at("14:00:00.200"), at("14:00:04"), 6).map(clock), [
    "14:00:01",
    "14:00:02",
    "14:00:03",
    "14:00:04",
  ]);
});

test("within one second there is none", () => {
  assert.deepEqual(ticks(at("14:00:00.200"), at("14:00:00.900"), 6), []);
});
