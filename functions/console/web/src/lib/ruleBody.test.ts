import assert from "node:assert/strict";
import { test } from "node:test";
import { bodyOf, fieldOf, pairsOf, standardBody, valueAt } from "./ruleBody.ts";

const example = {
  subject: { key: "PED-1", status: null },
  data: { title: "T", contact: { email: "a@b.c" }, tags: ["x", "y"], items: [{ sku: "A" }] },
};
const standard = standardBody("deal.created", example, "ws_1");

test("the_standard_body_has_its_fixed_shape_and_no_status_that_there_is_not", () => {
  assert.deepEqual(Object.keys(standard), [
    "id",
    "type",
    "version",
    "occurred_at",
    "workspace",
    "subject",
    "data",
  ]);
  assert.deepEqual(standard.subject, { key: "PED-1" });
  assert.equal(bodyOf(standard, "standard"), standard);
});

test("s3_13_chosen_fields_go_under_their_new_names_and_dots_nest", () => {
  const mapped = [
    { from: "data.title", to: "negocio.titulo" },
    { from: "data.contact.email", to: "negocio.email" },
    { from: "data.missing", to: "x" },
    { from: "subject.key", to: "pedido" },
    { from: "data.items.0.sku", to: "sku" },
  ];
  assert.deepEqual(bodyOf(standard, { mapped }), {
    negocio: { titulo: "T", email: "a@b.c" },
    pedido: "PED-1",
    sku: "A",
  });
});

test("a_value_in_the_way_of_a_nested_name_is_replaced", () => {
  const mapped = [
    { from: "data.title", to: "a" },
    { from: "subject.key", to: "a.b" },
  ];
  assert.deepEqual(bodyOf(standard, { mapped }), { a: { b: "PED-1" } });
});

test("keys_of_the_language_are_data", () => {
  const made = bodyOf(standard, { mapped: [{ from: "data.title", to: "__proto__.x" }] });
  assert.deepEqual(Object.keys(made), ["__proto__"]);
  assert.equal(Reflect.get({}, "x"), undefined);
  assert.equal(valueAt({}, "constructor"), undefined);
});

test("s3_12_a_get_sends_nested_data_as_parameters", () => {
  assert.deepEqual(pairsOf({ a: { b: 1 }, l: [true, null] }), [
    ["a[b]", "1"],
    ["l[0]", "true"],
    ["l[1]", ""],
  ]);
});

test("the_proposed_name_leaves_out_what_every_field_has", () => {
  assert.deepEqual(fieldOf("data.contact.email"), {
    from: "data.contact.email",
    to: "contact.email",
  });
  assert.deepEqual(fieldOf("subject.key"), { from: "subject.key", to: "subject.key" });
});
