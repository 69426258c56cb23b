import assert from "node:assert/strict";
import { test } from "node:test";
import { integrationSearch as codec } from "./search.ts";

test("the_tab_the_sample_and_the_version_come_back_from_the_address", () => {
  const values = {
    tab: "versions" as const,
    webhook: `whk_${"a".repeat(32)}`,
    version: 8,
    field: "contact.email",
  };
  assert.deepEqual(codec.parse(codec.write(values)), values);
});

test("a_default_is_not_written_and_unknown_values_are_dropped", () => {
  const none = {
    tab: "mapping" as const,
    webhook: undefined,
    version: undefined,
    field: undefined,
  };
  assert.deepEqual(codec.parse({ tab: "x", webhook: "y", version: "0" }), none);
  assert.deepEqual(
    Object.values(codec.write(none)).filter((value) => value !== undefined),
    [],
  );
});
