import assert from "node:assert/strict";
import { test } from "node:test";
import { wizardSearch as codec } from "./search.ts";

const id = `int_${"1".repeat(32)}`;

test("a_reload_finds_the_step_and_the_integration_again", () => {
  const values = {
    step: "mapping" as const,
    origin: `ori_${"2".repeat(32)}`,
    application: "github",
    integration: id,
    webhook: `whk_${"3".repeat(32)}`,
    sample: "pasted" as const,
  };
  assert.deepEqual(codec.parse(codec.write(values)), values);
});

test("a_step_that_needs_an_integration_begins_again_without_one", () => {
  assert.equal(codec.parse({ step: "mapping" }).step, "application");
  assert.equal(codec.parse({ step: "mapping", integration: id }).step, "mapping");
  assert.equal(codec.parse({ step: "origin" }).step, "application");
  assert.equal(codec.parse({ step: "origin", application: "github" }).step, "origin");
});
