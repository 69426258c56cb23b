import assert from "node:assert/strict";
import { test } from "node:test";
import { draftOf, EMPTY, filterOf, type RuleValue, ruleOf } from "./draft.ts";

const rule: RuleValue = {
  id: "rule_1",
  name: "R",
  active: false,
  filter: {
    types: ["deal.entered_stage"],
    stages: ["stg_1"],
    statuses: ["won"],
    condition: { is: { path: "value", op: "gt", value: 10 } },
  },
  target: { integration: { origin: "ori_1", integration: "int_1" } },
  method: "PUT",
  body: { mapped: [{ from: "data.title", to: "titulo" }] },
  warnings: [],
  activity: { last_24h: { deliveries: 0, success: 0, error: 0, error_rate: null } },
  version: 3,
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
};

test("a_rule_that_is_not_edited_is_sent_as_it_was", () => {
  const { name, active, filter, target, method, body } = rule;
  assert.deepEqual(ruleOf(draftOf(rule), target), { name, active, filter, target, method, body });
});

test("filters_of_deals_are_left_out_where_no_trigger_is_of_a_deal", () => {
  const draft = {
    ...EMPTY,
    types: ["order.dispatched"],
    stages: ["stg_1"],
    statuses: ["won" as const],
  };
  assert.deepEqual(filterOf(draft), { types: ["order.dispatched"] });
});

test("a_new_rule_is_active_and_posts_the_standard_body_unless_it_is_changed", () => {
  const made = ruleOf({ ...EMPTY, name: " R ", types: ["order.dispatched"] }, { endpoint: "ep_1" });
  assert.deepEqual(made, {
    name: "R",
    active: true,
    filter: { types: ["order.dispatched"] },
    target: { endpoint: "ep_1" },
    method: "POST",
    body: "standard",
  });
});
