import assert from "node:assert/strict";
import { test } from "node:test";
import { failuresNow, failuresOfStop, limitOf } from "./failures.ts";

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
  assert.deepEqual(limitOf(policy), { line: 30, crossing: 31 });
  const stopped = {
    since: "2026-11-28T14:02:03Z",
    reason: { code: "window" as const, failures: 31, seconds: 1800, percent: 94 },
    shared_by: "endpoint" as const,
    attempts: [failed(3), failed(1), failed(2)],
  };
  const chart = failuresOfStop({ stopped, policy, health: null });
  assert.deepEqual(
    chart?.dots.map(({ number, crossed }) => [number, crossed]),
    [
      [29, false],
      [30, false],
      [31, true],
    ],
  );
  assert.deepEqual([chart?.limit, chart?.all], [30, 31]);
});

test("the last of a streak's failures crosses", () => {
  const trip = { streak: { failures: 4 } };
  const streak = { suspension: { scope: "endpoint" as const, trip } };
  assert.deepEqual(limitOf(streak), { line: 4, crossing: 4 });
});

test("an endpoint that a person stopped has no chart", () => {
  const stopped = {
    since: "2026-11-28T14:02:03Z",
    reason: { code: "by_person" as const },
    shared_by: "endpoint" as const,
  };
  assert.equal(failuresOfStop({ stopped, policy, health: null }), null);
  assert.equal(failuresOfStop({ stopped: null, policy, health: null }), null);
});

const row = (state: "retrying" | "success", minute: number) => ({
  id: `dlv_${minute}`,
  state,
  attempts: 1,
  last: {
    at: `2026-11-28T14:${minute}:00Z`,
    status: state === "success" ? 200 : 503,
    error: null,
    webhook: null,
  },
});

test("failures of the window count to the number that the server counts", () => {
  const now = Date.parse("2026-11-28T14:45:00Z");
  const health = {
    failures: 12,
    limit: 31,
    seconds: 1800,
    percent: 50,
    last_failure: null,
    last_success: null,
  };
  const rows = [row("retrying", 40), row("success", 41), row("retrying", 30), row("retrying", 10)];
  const chart = failuresNow({ stopped: null, policy, health }, rows, now);
  assert.deepEqual(
    chart?.dots.map(({ delivery, number }) => [delivery, number]),
    [
      ["dlv_30", 11],
      ["dlv_40", 12],
    ],
  );
  assert.deepEqual(chart?.successes, ["2026-11-28T14:41:00Z"]);
  const calm = { ...health, failures: 0 };
  assert.equal(failuresNow({ stopped: null, policy, health: calm }, rows, now), null);
});
