import assert from "node:assert/strict";
import { test } from "node:test";
import { rowMenuKey, stepKey } from "./tableKeys.ts";

const press = (key: string, shiftKey = false, ctrlKey = false) => ({
  key,
  shiftKey,
  ctrlKey,
  altKey: false,
  metaKey: false,
});

test("Shift-F10 and the context key open the menu of a row", () => {
  assert.equal(rowMenuKey(press("F10", true)), true);
  assert.equal(rowMenuKey(press("ContextMenu")), true);
  assert.equal(rowMenuKey(press("F10")), false);
});

test("j and k are arrows, not with Ctrl or Shift", () => {
  assert.equal(stepKey(press("j")), "ArrowDown");
  assert.equal(stepKey(press("k")), "ArrowUp");
  assert.equal(stepKey(press("j", false, true)), null);
  assert.equal(stepKey(press("K", true)), null);
});
