import assert from "node:assert/strict";
import { test } from "node:test";
import { rulesSearch as codec } from "./search.ts";

test("filters_come_back_and_unknown_ones_are_dropped", () => {
  const values = {
    endpoint: `ep_${"0".repeat(32)}`,
    integration: `int_${"1".repeat(32)}`,
    type: "deal.created",
  };
  assert.deepEqual(codec.parse(codec.write(values)), values);
  const none = { endpoint: undefined, integration: undefined, type: undefined };
  assert.deepEqual(codec.parse({ endpoint: "x", integration: "y", type: "" }), none);
});
