import assert from "node:assert/strict";
import { test } from "node:test";
import { integrationsSearch as codec } from "./search.ts";

test("filters_come_back_from_the_address", () => {
  const values = {
    origin: `ori_${"0".repeat(32)}`,
    application: "github",
    state: "errors" as const,
    q: "loja",
  };
  const raw = codec.write(values);
  assert.deepEqual(codec.parse(raw), values);
});

test("unknown_values_are_dropped", () => {
  const none = { origin: undefined, application: undefined, state: undefined, q: undefined };
  assert.deepEqual(codec.parse({ origin: "x", application: "A B", state: "maybe", q: " " }), none);
  assert.deepEqual(codec.parse({}), none);
});
