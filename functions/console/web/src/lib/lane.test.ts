import assert from "node:assert/strict";
import { test } from "node:test";
import { blocksLane, frontStates } from "./lane.ts";

const lane = { lane: 0, seq: 3 };

test("d11_only_a_failure_in_the_lane_of_an_endpoint_that_stops_blocks", () => {
  const failed = { state: "failure" as const, reason: "exhausted", lane };
  assert.equal(blocksLane(failed, "block"), true);
  assert.equal(blocksLane(failed, "skip"), false);
  assert.equal(blocksLane(failed, null), false);
  assert.equal(blocksLane({ ...failed, lane: null }, "block"), false);
  assert.equal(blocksLane({ ...failed, reason: "expired" }, "block"), false);
  assert.equal(blocksLane({ ...failed, state: "discarded" }, "block"), false);
});

test("or_01_the_others_wait_for_the_one_that_is_tried_again_or_blocks", () => {
  assert.deepEqual(frontStates("skip"), ["retrying"]);
  assert.deepEqual(frontStates("block"), ["retrying", "failure"]);
  assert.deepEqual(frontStates(null), []);
});
