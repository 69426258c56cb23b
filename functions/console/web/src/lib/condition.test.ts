import assert from "node:assert/strict";
import { test } from "node:test";
import { type Condition, holds, type Op, sizeOf, typedValue, valueText } from "./condition.ts";

const is = (path: string, op: Op, value?: unknown): Condition => ({
  is: value === undefined ? { path, op } : { path, op, value },
});

test("each_operator_compares_as_the_gateway_does", () => {
  const data = {
    n: 10,
    v: "199.90",
    s: "frete grátis",
    l: ["a", 2],
    t: "2026-11-21T10:00:00Z",
    items: [{ sku: "X" }],
  };
  const table: [string, Op, unknown, boolean][] = [
    ["n", "eq", 10.0, true],
    ["n", "ne", 10, false],
    ["n", "in", [1, 10], true],
    ["n", "in", 10, false],
    ["n", "gt", 9.5, true],
    ["n", "lt", 10, false],
    ["v", "gt", "99.9", true],
    ["v", "gt", 200, false],
    ["s", "contains", "grátis", true],
    ["s", "gt", 1, false],
    ["l", "contains", 2, true],
    ["l", "contains", "b", false],
    ["t", "lt", "2026-11-21T10:00:01Z", true],
    ["s", "lt", "z", false],
    ["items.0.sku", "eq", "X", true],
    ["items.1.sku", "exists", undefined, false],
    ["items", "exists", undefined, true],
  ];
  for (const [path, op, value, expected] of table) {
    assert.equal(holds(is(path, op, value), data), expected, `${path} ${op}`);
  }
});

test("a_missing_path_is_false_with_every_operator", () => {
  for (const op of ["eq", "ne", "in", "exists", "contains", "gt", "lt"] as const) {
    assert.equal(holds(is("a.c", op, 1), { a: { b: 1 } }), false, op);
  }
});

test("all_and_any_nest_and_are_counted", () => {
  const yes = is("a", "eq", 1);
  const no = is("a", "eq", 2);
  const nested: Condition = { all: [yes, { any: [no, yes] }] };
  assert.equal(holds(nested, { a: 1 }), true);
  assert.equal(holds({ all: [no, yes] }, { a: 1 }), false);
  assert.deepEqual(sizeOf(nested), { count: 3, depth: 3 });
});

test("what_is_typed_becomes_a_number_only_where_it_reads_back_the_same", () => {
  assert.equal(typedValue("eq", "10"), 10);
  assert.equal(typedValue("eq", "0042"), "0042");
  assert.equal(typedValue("eq", "10.50"), "10.50");
  assert.equal(typedValue("eq", "true"), true);
  assert.deepEqual(typedValue("in", "a, 2,,b"), ["a", 2, "b"]);
  assert.equal(typedValue("exists", "x"), undefined);
  assert.equal(valueText(["a", 2]), "a, 2");
});
