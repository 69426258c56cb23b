import assert from "node:assert/strict";
import { test } from "node:test";
import { indexJson } from "./jsonIndex.ts";
import {
  closeRow,
  firstRows,
  openRow,
  openSiblings,
  parentOf,
  type Rows,
  reveal,
  rowId,
} from "./jsonRows.ts";
import { type JsonDocument, nodeAt, sliceOf } from "./jsonTree.ts";

function read(value: unknown): JsonDocument {
  const text = JSON.stringify(value);
  const result = indexJson(text);
  assert.ok(result.ok);
  return { text, index: result.index };
}

function shown(json: JsonDocument, rows: Rows): string[] {
  return rows.list.map(
    (row) => `${row.level} ${row.block?.join("-") ?? sliceOf(json, row.node, 12)}`,
  );
}

test("the_first_two_levels_are_open", () => {
  const json = read({ a: { b: { c: 1 } }, d: 2 });
  assert.deepEqual(shown(json, firstRows(json)), [
    '1 {"a":{"b":{"',
    '2 {"b":{"c":1}',
    '3 {"c":1}',
    "2 2",
  ]);
});

test("a_wide_second_level_stays_closed_at_first", () => {
  const wide = read(Array.from({ length: 900 }, () => [1, 2, 3]));
  assert.equal(firstRows(wide).list.length, 901);
});

test("what_was_open_below_opens_again", () => {
  const json = read({ a: { b: { c: 1 } } });
  const deep = openRow(json, firstRows(json), 2);
  const closed = closeRow(deep, 0);
  assert.equal(closed.list.length, 1);
  assert.deepEqual(openRow(json, closed, 0), deep);
});

test("long_lists_are_shown_in_blocks_of_a_thousand", () => {
  const json = read(Array.from({ length: 2_500 }, (_, i) => i));
  const rows = firstRows(json);
  assert.deepEqual(shown(json, rows).slice(1), ["2 0-1000", "2 1000-2000", "2 2000-2500"]);
  const opened = openRow(json, rows, 3);
  assert.equal(opened.list.length, 504);
  assert.equal(opened.list[4]?.position, 2_000);
  assert.equal(sliceOf(json, opened.list[503]?.node ?? 0), "2499");
  assert.equal(opened.list[4]?.siblings, 500);
  assert.equal(closeRow(opened, 3).list.length, 4);
});

test("a_node_is_revealed_through_blocks", () => {
  const json = read({ list: Array.from({ length: 3_000 }, (_, i) => ({ n: { v: `v${i}` } })) });
  const node = nodeAt(json, json.text.indexOf('"v1999"'));
  const { rows, at } = reveal(json, firstRows(json), node);
  assert.equal(rows.list[at]?.node, node);
  assert.equal(rows.list[parentOf(rows, at)]?.level, 5);
  assert.deepEqual(reveal(json, rows, node), { rows, at });
});

test("siblings_open_together_and_rows_have_their_own_names", () => {
  const json = read({ a: [[1], [2]], b: [[3]] });
  const rows = openSiblings(json, firstRows(json), 2);
  assert.deepEqual(
    shown(json, rows).filter((row) => row.startsWith("4")),
    ["4 1", "4 2"],
  );
  assert.equal(new Set(rows.list.map(rowId)).size, rows.list.length);
});
