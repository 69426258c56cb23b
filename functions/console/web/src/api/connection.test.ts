import assert from "node:assert/strict";
import { test } from "node:test";
import { repeatAt } from "./connection.ts";
import { ApiProblem, networkProblem } from "./problem.ts";

const busy = (retryAfter?: number) =>
  new ApiProblem({ status: 503, origin: "gateway", detail: "", retryAfter });

test("5.2 a read without an answer is repeated after 2, 4 and 8 s, or as retry-after says", () => {
  const failed = (failureCount: number, error: unknown) =>
    repeatAt({ type: "failed", failureCount, error }, 1_000);
  assert.equal(failed(1, networkProblem()), 3_000);
  assert.equal(failed(2, networkProblem()), 5_000);
  assert.equal(failed(3, networkProblem()), 9_000);
  assert.equal(failed(1, busy(7)), 8_000);
});

test("5.3 what was repeated in vain is asked again every 15 s, or later where retry-after says so", () => {
  const gaveUp = (error: unknown) => repeatAt({ type: "error", error }, 1_000);
  assert.equal(gaveUp(networkProblem()), 16_000);
  assert.equal(gaveUp(busy()), 16_000);
  assert.equal(gaveUp(busy(60)), 61_000);
});

test("5.3 an answer ends the waiting, and so does a refusal that will not pass", () => {
  assert.equal(repeatAt({ type: "success" }, 1_000), null);
  const refused = new ApiProblem({ status: 500, origin: "api", code: "internal", detail: "" });
  assert.equal(repeatAt({ type: "error", error: refused }, 1_000), null);
  assert.equal(repeatAt({ type: "error", error: new Error("ours") }, 1_000), null);
  assert.equal(repeatAt({ type: "fetch" }, 1_000), undefined);
});
