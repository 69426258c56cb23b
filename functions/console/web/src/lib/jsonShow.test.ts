import assert from "node:assert/strict";
import { test } from "node:test";
import { indexJson } from "./jsonIndex.ts";
import { decode, glimpse, keyShown, LONGEST, readable, valueShown, visible } from "./jsonShow.ts";
import type { JsonDocument } from "./jsonTree.ts";

function read(value: unknown): JsonDocument {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const result = indexJson(text);
  assert.ok(result.ok);
  return { text, index: result.index };
}

test("what_is_not_drawn_is_marked", () => {
  assert.equal(visible("a\u0000b\u202ec\u200bd"), "a␀b⟨U+202E⟩c⟨U+200B⟩d");
  assert.equal(visible("x\ud800y"), "x⟨U+D800⟩y");
  assert.equal(visible("😀 é ­"), "😀 é ⟨U+00AD⟩");
});

test("escapes_of_letters_are_read_and_others_stay", () => {
  assert.equal(readable('"S\\u00e3o\\/a\\n\\"\\u202e"'), '"São/a\\n\\"\\u202e"');
  assert.equal(readable('"\\\\u00e3"'), '"\\\\u00e3"');
});

test("keys_lose_their_quotes_only_where_nothing_is_unusual", () => {
  const json = read('{"nome completo":1,"a.b":2,"":3," x":4}');
  assert.deepEqual(
    [1, 2, 3, 4].map((node) => keyShown(json, node)),
    ["nome completo", '"a.b"', '""', '" x"'],
  );
});

test("long_values_are_cut_and_numbers_are_whole", () => {
  const json = read(`["${"x".repeat(3_000)}", 12345678901234567890]`);
  assert.equal(valueShown(json, 1).text.length, LONGEST);
  assert.equal(valueShown(json, 1).cut, true);
  assert.deepEqual(valueShown(json, 2), { text: "12345678901234567890", cut: false });
  assert.equal(glimpse(read('{"a":\n [1]}'), 0), '{"a": [1]}');
});

test("json_in_a_string_and_base64_of_a_text_are_decoded", () => {
  assert.deepEqual(decode(read(['{"a":1}']), 1), { form: "json", text: '{"a":1}' });
  assert.equal(decode(read(["{a}"]), 1), undefined);
  const text = "Olá, mundo inteiro";
  const encoded = Buffer.from(text).toString("base64");
  assert.deepEqual(decode(read([encoded]), 1), { form: "base64", text });
  assert.equal(decode(read(["abcd"]), 1), undefined);
  assert.equal(
    decode(read([Buffer.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2]).toString("base64")]), 1),
    undefined,
  );
  assert.equal(decode(read([1234]), 1), undefined);
});
