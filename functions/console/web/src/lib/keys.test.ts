import assert from "node:assert/strict";
import { test } from "node:test";
import { keyOf, keysOf, type Press, rowMenuKey, type Where } from "./keys.ts";

const PLACES: readonly Where[] = ["go", "anywhere", "list", "detail"];
const press = (key: string, held: Partial<Press> = {}): Press => ({
  key,
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  ...held,
});

test("within a place no two keys are the same", () => {
  for (const where of PLACES) {
    const presses = keysOf(where).map((key) => key.press);
    assert.deepEqual([...new Set(presses)], presses);
  }
});

test("every key that is listed as a letter is found by its press", () => {
  for (const where of PLACES) {
    for (const key of keysOf(where)) {
      const parts = key.press.split(" ");
      const letter = parts.at(-1) ?? "";
      const shiftKey = parts[0] === "Shift";
      const before = where === "go" ? "g" : "";
      const found = keyOf(press(letter, { shiftKey }), where, before);
      assert.equal(found, key.always ? undefined : key.id, key.press);
    }
  }
});

test("Shift tells l from L, also with the letters locked, and does not matter to signs", () => {
  assert.equal(keyOf(press("l"), "detail"), "link");
  assert.equal(keyOf(press("L"), "detail"), "link");
  assert.equal(keyOf(press("L", { shiftKey: true }), "detail"), undefined);
  assert.equal(keyOf(press("L", { shiftKey: true }), "anywhere"), "live");
  assert.equal(keyOf(press("?", { shiftKey: true }), "anywhere"), "keys");
});

test("a press with Ctrl, Alt or Meta belongs to the browser, AltGr writes signs", () => {
  assert.equal(keyOf(press("c", { ctrlKey: true }), "detail"), undefined);
  assert.equal(keyOf(press("c", { metaKey: true }), "detail"), undefined);
  const written = { ctrlKey: true, altKey: true, getModifierState: () => true };
  assert.equal(keyOf(press("[", written), "detail"), "previous");
});

test("Shift-F10 and the context key open the menu of a row", () => {
  assert.equal(rowMenuKey(press("F10", { shiftKey: true })), true);
  assert.equal(rowMenuKey(press("ContextMenu")), true);
  assert.equal(rowMenuKey(press("F10")), false);
});
