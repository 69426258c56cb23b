import assert from "node:assert/strict";
import { test } from "node:test";
import { fits, namedTargets, proposed } from "./propose.ts";

test("values_fit_the_kinds_that_they_look_like", () => {
  assert.equal(fits("email", " Ana@Example.com "), 2);
  assert.equal(fits("email", "ana"), 0);
  assert.equal(fits("phone", "(11) 98765-4321"), 2);
  assert.equal(fits("phone", "2026-11-29"), 0);
  assert.equal(fits("phone", "1234"), 0);
  assert.equal(fits("number", "R$ 1.234,56"), 2);
  assert.equal(fits("number", "12.5"), 2);
  assert.equal(fits("number", "doze"), 0);
  assert.equal(fits("date", "29/11/2026 10:00"), 2);
  assert.equal(fits("date", "1764428400000"), 2);
  assert.equal(fits("text", "anything"), 1);
});

test("transforms_are_proposed_by_the_target_and_the_form_of_the_value", () => {
  assert.deepEqual(proposed("email", "ANA@X.COM"), [{ type: "trim" }, { type: "lower" }]);
  assert.deepEqual(proposed("phone", "11 98765-4321"), [{ type: "phone" }]);
  assert.deepEqual(proposed("number", "1.234,56"), [{ type: "number", format: "br" }]);
  assert.deepEqual(proposed("number", "1234,5"), [{ type: "number", format: "br" }]);
  assert.deepEqual(proposed("number", "1234.56"), []);
  assert.deepEqual(proposed("date", "29/11/2026"), [{ type: "date", input: "dmy" }]);
  assert.deepEqual(proposed("date", "1764428400"), [{ type: "date", input: "epoch" }]);
  assert.deepEqual(proposed("list", "a, b"), [{ type: "split", separator: "," }, { type: "trim" }]);
  assert.deepEqual(proposed("text", " x"), [{ type: "trim" }]);
});

test("a_number_that_is_read_in_two_ways_is_proposed_as_brazilian", () => {
  assert.deepEqual(proposed("number", "1.234"), [{ type: "number", format: "br" }]);
});

test("names_of_keys_speak_for_targets", () => {
  assert.deepEqual(namedTargets("E-mail"), ["contact.email"]);
  assert.deepEqual(namedTargets("telefone"), ["contact.phone"]);
  assert.deepEqual(namedTargets("nome"), ["contact.name"]);
  assert.deepEqual(namedTargets("valor"), ["deal.value"]);
  assert.deepEqual(namedTargets("utm_source"), []);
});
