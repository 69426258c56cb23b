import assert from "node:assert/strict";
import { test } from "node:test";
import { firstFields } from "./firstFields.ts";

test("the_first_named_values_are_taken_in_the_order_of_the_payload", () => {
  const text =
    '{"cliente": {"nome": "Ana", "fone": null}, "itens": [1, {"sku": "A\\n1"}], "n": 1.50}';
  assert.deepEqual(firstFields(text), [
    { key: "nome", value: "Ana" },
    { key: "sku", value: "A\n1" },
    { key: "n", value: "1.50" },
  ]);
  assert.deepEqual(firstFields(text, 1), [{ key: "nome", value: "Ana" }]);
});

test("a_payload_without_named_values_has_none", () => {
  assert.deepEqual(firstFields("[1, 2]"), []);
  assert.deepEqual(firstFields('{"a": '), []);
  assert.deepEqual(firstFields('{"a": {}, "b": ""}'), []);
});
