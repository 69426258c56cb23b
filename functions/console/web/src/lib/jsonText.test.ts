import assert from "node:assert/strict";
import { test } from "node:test";
import { cutText, findText, rowAt, rowText } from "./jsonText.ts";

function rows(text: string, width?: number): string[] {
  const cut = cutText(text, width);
  return [...cut.start].map((_, i) => `${cut.line[i]}|${rowText(text, cut, i)}`);
}

test("lines_and_long_lines_become_rows", () => {
  assert.deepEqual(rows("ab\r\n\ncd"), ["1|ab", "2|", "3|cd"]);
  assert.deepEqual(rows("abcdefg\nhi", 3), ["1|abc", "0|def", "0|g", "2|hi"]);
  assert.deepEqual(rows("abc", 3), ["1|abc"]);
  assert.deepEqual(rows(""), ["1|"]);
  assert.deepEqual(rows("a\n"), ["1|a", "2|"]);
});

test("a_pair_of_units_is_not_cut_apart", () => {
  assert.deepEqual(rows("ab😀cd", 3), ["1|ab", "0|😀c", "0|d"]);
});

test("a_place_finds_its_row", () => {
  const cut = cutText("abcdefg\nhi", 3);
  assert.deepEqual(
    [0, 2, 3, 7, 8, 9].map((place) => rowAt(cut, place)),
    [0, 0, 1, 2, 3, 3],
  );
});

test("text_is_found_in_either_case_and_as_it_stands", () => {
  assert.deepEqual(findText("aXA.x", "x", 9), [1, 4]);
  assert.deepEqual(findText("a.b.c", ".", 1), [1]);
  assert.deepEqual(findText("[*](^$.+?){}|\\/-", "(^$.+?){}|\\/-", 9), [3]);
  assert.deepEqual(findText("abc", "", 9), []);
});
