import assert from "node:assert/strict";
import { test } from "node:test";
import { sumSteps } from "../../api/home.ts";
import { type Endpoint, type Integration, type Job, pointsOf } from "./attention.ts";

const NOW = Date.parse("2026-11-29T12:00:00Z");

// Only what the rules read; the rest of a row is of no matter here.
const endpoint = (more: object) => ({ id: "ep", health: null, ...more }) as Endpoint;
const integration = (more: object) =>
  ({
    id: "int",
    active: true,
    activity: {
      last_received_at: "2026-11-29T11:00:00Z",
      last_24h: { received: 1, success: 1, error: 0, error_rate: 0 },
    },
    ...more,
  }) as Integration;
const job = (state: string) => ({ id: "job", state }) as Job;
const kinds = (seen: Partial<Parameters<typeof pointsOf>[0]>) =>
  pointsOf({ endpoints: [], integrations: [], jobs: [], ...seen }, NOW).map((one) => one.kind);

test("nothing needs attention where all is well", () => {
  const well = { endpoints: [endpoint({ state: "active" })], integrations: [integration({})] };
  assert.deepEqual(kinds({ ...well, jobs: [job("done")] }), []);
});

test("the worst stands first", () => {
  const failing = integration({
    activity: {
      last_received_at: null,
      last_24h: { received: 2, success: 1, error: 1, error_rate: 0.5 },
    },
  });
  const endpoints = [endpoint({ state: "disabled" }), endpoint({ state: "suspended" })];
  assert.deepEqual(kinds({ endpoints, integrations: [failing], jobs: [job("running")] }), [
    "suspended",
    "errors",
    "disabled",
    "job",
  ]);
});

test("an endpoint needs attention from 70 % of its limit on", () => {
  const at = (failures: number) => endpoint({ state: "active", health: { failures, limit: 30 } });
  assert.deepEqual(kinds({ endpoints: [at(20)] }), []);
  assert.deepEqual(kinds({ endpoints: [at(21)] }), ["near"]);
});

test("an active integration that was silent for 24 h needs attention, an inactive one does not", () => {
  const silent = {
    activity: {
      last_received_at: "2026-11-28T11:00:00Z",
      last_24h: { received: 0, success: 0, error: 0, error_rate: null },
    },
  };
  assert.deepEqual(kinds({ integrations: [integration(silent)] }), ["silent"]);
  assert.deepEqual(kinds({ integrations: [integration({ ...silent, active: false })] }), []);
});

test("series of several origins add up by their steps, oldest first", () => {
  const step = (at: string, success: number) => ({ at, success, error: 1, pending: 0 });
  assert.deepEqual(sumSteps([[step("b", 1)], [step("a", 2), step("b", 3)]]), [
    { at: "a", success: 2, error: 1, pending: 0 },
    { at: "b", success: 4, error: 2, pending: 0 },
  ]);
});
