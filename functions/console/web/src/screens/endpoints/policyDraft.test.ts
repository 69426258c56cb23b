import assert from "node:assert/strict";
import { test } from "node:test";
import { POLICY_OF, PRESETS, readWaits } from "../../lib/presets.ts";
import { draftOf, policyOf } from "./policyDraft.ts";

test("d3_every_preset_is_the_same_after_its_form", () => {
  for (const preset of PRESETS) {
    assert.deepEqual(policyOf(draftOf(POLICY_OF[preset])), POLICY_OF[preset], preset);
  }
});

test("a number that is none makes no policy", () => {
  const draft = draftOf(POLICY_OF["standard-webhooks"]);
  for (const change of [{ waits: "5, x" }, { timeout: "" }, { seconds: "-1" }, { probe: "soon" }]) {
    assert.equal(policyOf({ ...draft, ...change }), null);
  }
});

test("waits are read with commas or spaces; none is a single try", () => {
  assert.deepEqual(readWaits("5, 300 1800;7200"), [5, 300, 1800, 7200]);
  assert.deepEqual(readWaits(""), []);
  assert.equal(readWaits("1.5"), null);
});
