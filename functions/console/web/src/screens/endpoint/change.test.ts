import assert from "node:assert/strict";
import { test } from "node:test";
import { POLICY_OF } from "../../lib/presets.ts";
import { draftOf, policyOf } from "../endpoints/policyDraft.ts";
import { changeOf } from "./change.ts";
import { comparedEndpoint } from "./compared.ts";

const opened = {
  name: "ERP",
  url: "https://erp.example.com/",
  policy: POLICY_OF["standard-webhooks"],
  limits: {},
  headers: [{ name: "x-loja", value: "12" }],
};
const typed = {
  name: "ERP",
  url: opened.url,
  policy: opened.policy,
  limits: { max_concurrency: null, rate_per_second: null },
  headers: opened.headers,
};

test("a_form_that_is_not_changed_sends_nothing", () => {
  assert.deepEqual(changeOf(opened, typed), {});
  assert.deepEqual(changeOf(opened, { ...typed, name: " ERP " }), {});
});

test("of_the_policy_and_the_limits_only_what_was_changed_is_sent", () => {
  const policy = policyOf({ ...draftOf(opened.policy), timeout: "7,5" });
  const limits = { ...typed.limits, rate_per_second: 3 };
  assert.deepEqual(changeOf(opened, { ...typed, policy, limits }), {
    policy: { timeout_ms: 7500 },
    limits: { rate_per_second: 3 },
  });
});

test("a_limit_that_is_emptied_is_taken_away", () => {
  const limited = { ...opened, limits: { max_concurrency: 4, rate_per_second: null } };
  assert.deepEqual(changeOf(limited, typed), { limits: { max_concurrency: null } });
});

test("numbers_of_a_suspension_that_is_not_in_force_are_not_compared", () => {
  const never = comparedEndpoint({ ...opened, policy: { ...opened.policy, suspension: null } });
  assert.equal(never.trip, "never");
  assert.ok(!("moreThan" in never) && !("scope" in never) && !("probe" in never));
  const window = comparedEndpoint(opened);
  assert.ok("moreThan" in window && !("failures" in window));
});

test("headers_are_sent_whole_where_one_was_changed", () => {
  const headers = [...opened.headers, { name: "x-chave", value: "s3cret" }];
  assert.deepEqual(changeOf(opened, { ...typed, headers }), { headers });
});
