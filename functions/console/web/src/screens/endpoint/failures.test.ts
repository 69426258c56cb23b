import assert from "node:assert/strict";
import { test } from "node:test";
import { failureDots, limitOf } from "./failures.ts";

const failed = (second: number, outcome: Record<string, unknown> = { status: 500 }) => ({
  at: `2026-11-28T14:02:0${second}Z`,
  endpoint: "ep_1",
  delivery: `dlv_${second}`,
  attempt: 1,
  outcome,
});
const window = { window: { more_than: 30, seconds: 1800, percent: 50 } };
const policy = { suspension: { scope: "endpoint" as const, trip: window } };

test("d5_more_than_30_failures_suspend_so_the_31st_crosses", () => {
  assert.equal(limitOf(policy), 31);
  const stopped = {
    since: "2026-11-28T14:02:03Z",
    reason: { code: "window" as const, failures: 31, seconds: 1800, percent: 94 },
    shared_by: "endpoint" as const,
    attempts: [failed(3), failed(1), failed(2)],
  };
  const chart = failureDots({ stopped, policy, health: null });
  assert.deepEqual(
    chart?.dots.map(({ number, crossed }) => [number, crossed]),
    [
      [29, false],
      [30, false],
      [31, true],
    ],
  );
  assert.equal(chart?.all, 31);
});

test("an endpoint that a person stopped has no chart", () => {
  const stopped = {
    since: "2026-11-28T14:02:03Z",
    reason: { code: "by_person" as const },
    shared_by: "endpoint" as const,
  };
  assert.equal(failureDots({ stopped, policy, health: null }), null);
  assert.equal(failureDots({ stopped: null, policy, health: null }), null);
});
