import assert from "node:assert/strict";
import { test } from "node:test";
import { suspendedAfter, wholeTime } from "./patience.ts";
import { POLICY_OF } from "./presets.ts";

test("s5_8_three_waits_are_three_minutes", () => {
  assert.equal(wholeTime(POLICY_OF["respond-io"]), 3 * 60_000);
  assert.equal(wholeTime({ waits: [] }), 0);
});

test("d3_with_one_event_a_second_each_preset_stops_at_its_limit", () => {
  assert.equal(suspendedAfter(POLICY_OF["standard-webhooks"]), 31);
  assert.equal(suspendedAfter(POLICY_OF["rd-station"]), 10);
  assert.equal(suspendedAfter({ suspension: null }), null);
});
