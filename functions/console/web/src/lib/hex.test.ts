import assert from "node:assert/strict";
import { test } from "node:test";
import { hexRow } from "./hex.ts";

test("a_row_has_its_place_its_bytes_and_its_letters", () => {
  const bytes = Uint8Array.from([...Array(16).fill(65), 0, 255, 60]);
  assert.deepEqual(hexRow(bytes, 0), {
    place: "00000000",
    hex: "41 41 41 41 41 41 41 41  41 41 41 41 41 41 41 41 ",
    text: "AAAAAAAAAAAAAAAA",
  });
  assert.deepEqual(hexRow(bytes, 1), {
    place: "00000010",
    hex: "00 ff 3c".padEnd(49),
    text: "··<",
  });
});
