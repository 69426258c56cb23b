import assert from "node:assert/strict";
import { test } from "node:test";
import { filterParameters, nextOf } from "../api/history.ts";
import { type Job, jobInterval } from "../api/jobs.ts";
import { listOfJob, queryOfJob, wrongOf } from "./jobFilter.ts";

const NOW = Date.parse("2026-11-29T12:00:00Z");
const job = (more: object) =>
  ({ kind: "reprocess", origin: "ori_1", state: "running", filter: {}, ...more }) as Job;

test("the filter of a job is the address of its list, one value or several", () => {
  const filter = { status: ["error", "pending"], to: "2026-11-29T12:00:00Z", q: null, other: "x" };
  const query = queryOfJob(job({ filter }));
  assert.equal(query.status, "error,pending");
  assert.equal(query.q, undefined);
  assert.equal("other" in query, false);
  assert.equal(
    listOfJob(job({ filter }), "ws_1"),
    "/console/w/ws_1/origins/ori_1/webhooks?to=2026-11-29T12:00:00Z&status=error,pending",
  );
});

test("what is still wrong has the same filter, but only the errors", () => {
  const filter = { status: "success", integration: ["int_1"] };
  assert.equal(
    wrongOf(job({ filter }), "ws_1"),
    "/console/w/ws_1/origins/ori_1/webhooks?status=error&integration=int_1",
  );
  assert.equal(
    wrongOf(job({ kind: "resend", origin: null, filter: { rule: "rule_1" } }), "ws_1"),
    "/console/w/ws_1/deliveries?state=failure,retrying&rule=rule_1",
  );
});

test("a job is asked for each second for half a minute, then each five, until it ended", () => {
  const created_at = new Date(NOW).toISOString();
  assert.equal(jobInterval(job({ created_at }), NOW + 29_000), 1_000);
  assert.equal(jobInterval(job({ created_at }), NOW + 31_000), 5_000);
  assert.equal(jobInterval(job({ created_at, state: "done" }), NOW), false);
  assert.equal(jobInterval(undefined, NOW), false);
});

test("the API gets resolved bounds and no empty lists", () => {
  const filter = { from: "-7d", to: undefined, status: [], application: [], integration: [] };
  assert.deepEqual(filterParameters(filter, NOW, "America/Sao_Paulo"), { from: "2026-11-23" });
  const hours = { ...filter, from: "-24h", status: ["error" as const], q: "PED-1" };
  assert.deepEqual(filterParameters(hours, NOW, "UTC"), {
    from: "2026-11-28T12:00:00.000Z",
    status: ["error"],
    q: "PED-1",
  });
});

test("parts of a payload follow each other by `link`", () => {
  assert.equal(nextOf('</v1/x?offset=5>; rel="next"'), "/v1/x?offset=5");
  assert.equal(nextOf('</v1/x>; rel="prev"'), null);
  assert.equal(nextOf(null), null);
});
