import assert from "node:assert/strict";
import { test } from "node:test";
import { networkProblem, problemOf, retryAfter } from "./problem.ts";

const headers = (values: Record<string, string> = {}) => new Headers(values);

test("problem+json keeps its code, path, parameters and the seconds to wait", () => {
  const body = {
    type: "about:blank",
    title: "Unprocessable Entity",
    status: 422,
    code: "validation_error",
    detail: "The field from is not valid.",
    path: "from",
    params: { path: "from", reason: "invalid_date" },
  };
  const answer = headers({ "retry-after": "3", "apigw-requestid": "abc" });
  const problem = problemOf(422, answer, JSON.stringify(body), 0);
  assert.equal(problem.origin, "api");
  assert.equal(problem.code, "validation_error");
  assert.equal(problem.path, "from");
  assert.deepEqual(problem.params, body.params);
  assert.equal(problem.retryAfter, 3);
  assert.equal(problem.requestId, "abc");
  assert.equal(problem.passing, false);
});

test("the gateway's message and a proxy's page are refusals too", () => {
  const gateway = problemOf(403, headers(), '{"message":"Forbidden"}', 0);
  assert.deepEqual(
    [gateway.origin, gateway.code, gateway.detail],
    ["gateway", undefined, "Forbidden"],
  );
  const proxy = problemOf(502, headers(), "<html>Bad gateway</html>", 0);
  assert.deepEqual([proxy.origin, proxy.detail], ["unreadable", ""]);
  const list = problemOf(500, headers(), "[1]", 0);
  assert.equal(list.origin, "unreadable");
});

test("429, 503 and no answer pass; others do not", () => {
  assert.equal(problemOf(429, headers(), "{}", 0).passing, true);
  assert.equal(problemOf(503, headers(), "{}", 0).passing, true);
  assert.equal(networkProblem().passing, true);
  assert.equal(problemOf(500, headers(), "{}", 0).passing, false);
  assert.equal(problemOf(404, headers(), "{}", 0).passing, false);
});

test("retry-after is seconds or a date", () => {
  assert.equal(retryAfter("4", 0), 4);
  assert.equal(retryAfter("1.2", 0), 2);
  assert.equal(retryAfter("Thu, 01 Jan 1970 00:00:10 GMT", 4_500), 6);
  assert.equal(retryAfter("soon", 0), undefined);
  assert.equal(retryAfter(null, 0), undefined);
  assert.equal(retryAfter("-5", 0), 0);
});
