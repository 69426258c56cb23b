import assert from "node:assert/strict";
import { test } from "node:test";
import { goalsOf, nameMatches } from "./palette.ts";

const hex = "0123456789abcdef".repeat(2);
const origins = [{ id: `ori_${hex}`, name: "Vendas" }];
const kinds = (text: string) => goalsOf(text, "ws_1", origins).map((goal) => goal.kind);
const hrefs = (text: string) =>
  goalsOf(text, "ws_1", origins).flatMap((goal) => ("href" in goal ? [goal.href] : []));

test("a_pasted_id_goes_where_it_belongs", () => {
  assert.deepEqual(hrefs(`dlv_${hex}`), [`/console/w/ws_1/deliveries/dlv_${hex}`]);
  assert.deepEqual(hrefs(` int_${hex} `), [`/console/w/ws_1/integrations/int_${hex}`]);
  assert.deepEqual(hrefs(`rule_${hex}`), [`/console/w/ws_1/rules/rule_${hex}`]);
  assert.deepEqual(hrefs(`ep_${hex}`), [`/console/w/ws_1/endpoints/ep_${hex}`]);
  assert.deepEqual(hrefs(`job_${hex}`), [`/console/w/ws_1/jobs/job_${hex}`]);
  assert.deepEqual(goalsOf(`whk_${hex}`, "ws_1", origins), [{ kind: "webhook", id: `whk_${hex}` }]);
});

test("deals_and_contacts_have_a_timeline_too", () => {
  assert.deepEqual(kinds(`deal_${hex}`), ["go", "timeline", "deliveries"]);
  assert.deepEqual(kinds(`con_${hex}`), ["go", "timeline", "deliveries"]);
});

test("an_event_is_found_through_the_timeline", () => {
  assert.equal(kinds(`evt_${hex}`)[0], "timeline");
});

test("anything_else_offers_what_can_be_found_by_it", () => {
  assert.deepEqual(kinds("PED-1"), ["timeline", "deliveries", "webhooks"]);
  assert.deepEqual(kinds("ana@exemplo.com"), ["contacts", "timeline", "deliveries", "webhooks"]);
  assert.deepEqual(kinds("(11) 98765-4321")[0], "contacts");
  assert.deepEqual(kinds("1042"), ["timeline", "deliveries", "webhooks"]);
  assert.deepEqual(kinds("   "), []);
});

test("names_match_without_accents_by_every_word", () => {
  assert.ok(nameMatches("Histórico de integração", "integracao hist"));
  assert.ok(!nameMatches("Histórico", "hist regra"));
});
