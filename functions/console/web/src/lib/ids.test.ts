import assert from "node:assert/strict";
import { test } from "node:test";
import { kindOfId, tailOf } from "./ids.ts";

test("an id says what it is of", () => {
  assert.equal(kindOfId("whk_0196f3a2b4c87d2e9f10a1b2c3d4e5f6"), "webhook");
  assert.equal(kindOfId(" dlv_0196f3a2b4c87d2e9f10a1b2c3d4e5f6\n"), "delivery");
  assert.equal(kindOfId("deal_0196f3a2b4c87d2e9f10a1b2c3d4e5f6"), "deal");
});

test("anything else is no id", () => {
  for (const text of [
    "",
    "PED-1",
    "xyz_0196f3a2b4c8",
    "whk_",
    "constructor_abcdef1",
    "whk_PED 1",
  ]) {
    assert.equal(kindOfId(text), null);
  }
});

test("the tail has six digits", () => {
  assert.equal(tailOf("rule_0196f3a2b4c87d2e9f10a1b2c3d4e5f6"), "d4e5f6");
});
