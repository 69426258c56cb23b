import assert from "node:assert/strict";
import { test } from "node:test";
import { indexJson, Kind } from "./jsonIndex.ts";
import {
  ancestors,
  childCount,
  children,
  formatJson,
  type JsonDocument,
  keyOf,
  kindOf,
  nodeAt,
  repeatedKeys,
  sliceOf,
} from "./jsonTree.ts";

function read(text: string): JsonDocument {
  const result = indexJson(text);
  assert.ok(result.ok, result.ok ? "" : `${result.fault.reason} at ${result.fault.at}`);
  return { text, index: result.index };
}

function fault(text: string) {
  const result = indexJson(text);
  assert.ok(!result.ok, `no fault in ${text}`);
  return result.fault;
}

test("values_are_numbered_in_the_order_of_the_text", () => {
  const json = read('{"a": [1, {"b": null}], "c": "x"}');
  assert.equal(json.index.size, 6);
  assert.deepEqual([...children(json, 0)], [1, 5]);
  assert.deepEqual([...children(json, 1)], [2, 3]);
  assert.equal(childCount(json, 1), 2);
  assert.equal(keyOf(json, 4), "b");
  assert.equal(sliceOf(json, 3), '{"b": null}');
  assert.equal(kindOf(json, 4), Kind.null);
  assert.deepEqual(ancestors(json, 4), [0, 1, 3]);
});

test("digits_and_repeated_keys_stay_as_they_came", () => {
  const json = read('{"id":12345678901234567890.10,"id":1E400,"x":-0}');
  assert.deepEqual(
    [...children(json, 0)].map((node) => sliceOf(json, node)),
    ["12345678901234567890.10", "1E400", "-0"],
  );
  assert.deepEqual([...repeatedKeys(json, 0)], [1, 2]);
});

test("keys_that_are_written_differently_and_mean_the_same_are_repeated", () => {
  const json = read('{"a":1,"\\u0061":2,"__proto__":3}');
  assert.deepEqual([...repeatedKeys(json, 0)], [1, 2]);
});

test("it_accepts_and_refuses_what_the_parser_of_the_language_does", () => {
  const texts = [
    "null",
    " true ",
    "false",
    "0",
    "-1.5e+3",
    '""',
    '"\\u00e9\\n"',
    "[]",
    "{}",
    "[[],{}]",
    '{"":0}',
    "",
    " ",
    "01",
    "1.",
    "1e",
    "-",
    "+1",
    ".5",
    "tru",
    "nul",
    "NaN",
    "[1,]",
    "[,1]",
    "[1 2]",
    "{",
    "[",
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    "{a:1}",
    '"',
    '"\\x"',
    '"\\u12g4"',
    '"\n"',
    "1 2",
    "[1]]",
    "]",
    '"\\',
    "[1",
    '{"a":1',
    "'a'",
    "\u00a01",
    "[\u20281]",
    '"\u2028"',
    '{"a":1 "b":2}',
    "[1e5,2E-7,0.0]",
    "1a",
  ];
  for (const text of texts) {
    let expected = true;
    try {
      JSON.parse(text);
    } catch {
      expected = false;
    }
    assert.equal(indexJson(text).ok, expected, JSON.stringify(text));
  }
});

test("a_mark_of_the_byte_order_before_the_value_is_passed_over", () => {
  assert.equal(sliceOf(read("\ufeff[1]"), 0), "[1]");
});

test("a_fault_says_its_line_and_column", () => {
  assert.deepEqual(fault('{\n  "a": 1,\n  "b" 2\n}'), {
    reason: "colon",
    at: 18,
    line: 3,
    column: 7,
  });
  assert.equal(fault("[1, 2").reason, "unfinished");
  assert.equal(fault("[1] x").reason, "after");
});

test("more_values_than_the_limit_are_a_fault_and_deep_texts_do_not_overflow", () => {
  const many = indexJson("[1,2,3,4]", 4);
  assert.equal(many.ok ? "" : many.fault.reason, "too_many");
  assert.ok(indexJson("[1,2,3]", 4).ok);
  const deep = 9_000;
  assert.equal(read("[".repeat(deep) + "]".repeat(deep)).index.size, deep);
  assert.equal(fault("[".repeat(200_000)).reason, "too_deep");
});

test("the_columns_grow_beyond_their_first_room", () => {
  const text = `[${Array.from({ length: 5_000 }, () => "[]").join(",")}]`;
  const json = read(text);
  assert.equal(json.index.size, 5_001);
  assert.equal(childCount(json, 0), 5_000);
});

test("a_place_in_the_text_finds_the_innermost_value", () => {
  const text = '{"aa": [10, 20], "b": {"c": "xyz"} }';
  const json = read(text);
  assert.equal(sliceOf(json, nodeAt(json, text.indexOf("20"))), "20");
  assert.equal(sliceOf(json, nodeAt(json, text.indexOf("aa"))), "[10, 20]");
  assert.equal(sliceOf(json, nodeAt(json, text.indexOf("yz"))), '"xyz"');
  assert.equal(nodeAt(json, text.length - 2), 0);
});

test("formatting_equals_that_of_the_language_and_keeps_digits", () => {
  for (const text of [
    '{"a":[1,{"b":[]},{}],"c":"x"}',
    "[]",
    "[[[1]],2]",
    '"x"',
    '{"a":{"b":{"c":1}}}',
  ]) {
    assert.equal(formatJson(read(text)), JSON.stringify(JSON.parse(text), null, 2));
  }
  assert.equal(formatJson(read("[1.00]")), "[\n  1.00\n]");
  const json = read('{"a":{"b":[1,2]},"c":3}');
  assert.equal(formatJson(json, 1), JSON.stringify({ b: [1, 2] }, null, 2));
});

test("random_values_come_back", () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return seed % below;
  };
  const value = (depth: number): unknown => {
    const kind = random(depth > 4 ? 4 : 6);
    if (kind === 0) return random(100_000) / 7;
    if (kind === 1) return `t"\\${String.fromCharCode(random(0xd800))}`;
    if (kind === 2) return random(2) === 0;
    if (kind === 3) return null;
    const length = random(5);
    if (kind === 4) return Array.from({ length }, () => value(depth + 1));
    return Object.fromEntries(Array.from({ length }, (_, i) => [`k${i}\u2028`, value(depth + 1)]));
  };
  for (let round = 0; round < 500; round += 1) {
    const made = value(0);
    const json = read(JSON.stringify(made, null, random(3)));
    assert.deepEqual(JSON.parse(formatJson(json)), made);
  }
});

test("a_text_over_sixteen_million_units_is_not_indexed", () => {
  const result = indexJson(`"${"x".repeat(16 * 1024 * 1024)}"`);
  assert.equal(result.ok ? "" : result.fault.reason, "too_large");
});
