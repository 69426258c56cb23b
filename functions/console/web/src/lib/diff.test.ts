import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type DiffLine,
  differing,
  diffFields,
  diffLines,
  isSame,
  withoutTheEqual,
} from "./diff.ts";

function shown(lines: readonly DiffLine[]): string {
  const signs = { same: " ", removed: "-", added: "+" };
  return lines.map((line) => `${signs[line.kind]}${line.text}`).join(",");
}

function diff(before: string, after: string): string {
  return shown(diffLines([...before], [...after]));
}

test("common_lines_stay_and_others_are_removed_or_added", () => {
  assert.equal(diff("abc", "abc"), " a, b, c");
  assert.equal(diff("abc", "axc"), " a,-b,+x, c");
  assert.equal(diff("", "ab"), "+a,+b");
  assert.equal(diff("ab", ""), "-a,-b");
});

test("lines_have_their_numbers_before_and_after", () => {
  assert.deepEqual(diffLines(["a", "b"], ["b", "c"]), [
    { kind: "removed", text: "a", before: 1 },
    { kind: "same", text: "b", before: 2, after: 1 },
    { kind: "added", text: "c", after: 2 },
  ]);
});

test("random_differences_give_both_texts_and_are_no_longer_than_needed", () => {
  let seed = 3;
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return (seed >> 8) % below;
  };
  const text = () => Array.from({ length: random(12) }, () => "abc"[random(3)] ?? "");
  for (let round = 0; round < 2_000; round += 1) {
    const [a, b] = [text(), text()];
    const lines = diffLines(a, b);
    assert.deepEqual(
      lines.filter((l) => l.kind !== "added").map((l) => l.text),
      a,
    );
    assert.deepEqual(
      lines.filter((l) => l.kind !== "removed").map((l) => l.text),
      b,
    );
    const same = lines.filter((line) => line.kind === "same").length;
    assert.equal(same, longestCommon(a, b));
  }
});

function longestCommon(a: readonly string[], b: readonly string[]): number {
  let row = Array<number>(b.length + 1).fill(0);
  for (const x of a) {
    const next = [0];
    for (const [j, y] of b.entries()) {
      next.push(x === y ? (row[j] ?? 0) + 1 : Math.max(row[j + 1] ?? 0, next[j] ?? 0));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

test("texts_without_anything_in_common_take_no_long_time", () => {
  const a = Array.from({ length: 20_000 }, (_, i) => `a${i}`);
  const b = Array.from({ length: 20_000 }, (_, i) => `b${i}`);
  // Time of the processor: a busy machine lets the test wait, which is no fault of the code.
  const from = process.cpuUsage();
  assert.equal(diffLines(a, b).length, 40_000);
  assert.ok(process.cpuUsage(from).user < 5_000_000);
});

test("equal_lines_far_from_a_change_are_left_out", () => {
  const before = [..."abcdefghij"];
  const after = [..."abcdefghiX"];
  const parts = withoutTheEqual(diffLines(before, after), 2);
  assert.deepEqual(
    parts.map((part) => [part.kind, part.lines.length]),
    [
      ["gap", 7],
      ["lines", 4],
    ],
  );
});

test("fields_differ_by_their_value_not_by_the_order_of_keys", () => {
  assert.deepEqual(diffFields({ a: 1, b: { x: 1, y: 2 } }, { b: { y: 2, x: 1 }, a: 1 }), []);
  assert.deepEqual(diffFields({ a: { b: 1, c: [1] } }, { a: { c: [2], d: null } }), [
    { path: "a.b", before: "1", after: undefined },
    { path: "a.c", before: "[1]", after: "[2]" },
    { path: "a.d", before: undefined, after: "null" },
  ]);
  assert.deepEqual(diffFields({}, { toString: 1 }), [
    { path: "toString", before: undefined, after: "1" },
  ]);
});

test("fields_of_three_values_are_given_with_what_each_has_there", () => {
  const opened = { name: "A", filter: { types: ["x"] }, method: "POST" };
  const theirs = { name: "B", filter: { types: ["x"] }, method: "POST" };
  const mine = { name: "A", filter: { types: ["x", "y"] }, method: "POST" };
  assert.deepEqual(differing([opened, theirs, mine]), [
    { path: "name", values: ["A", "B", "A"] },
    { path: "filter.types", values: [["x"], ["x"], ["x", "y"]] },
  ]);
  assert.deepEqual(
    differing([{ a: { b: 1 } }, { a: { b: 2 } }], (path) => path === "a"),
    [{ path: "a", values: [{ b: 1 }, { b: 2 }] }],
  );
  assert.deepEqual(differing([{ a: { b: 1 } }, { a: "all" }, { a: { b: 1 } }]), [
    { path: "a", values: [{ b: 1 }, "all", { b: 1 }] },
  ]);
});

test("values_are_the_same_whatever_the_order_of_their_keys", () => {
  assert.ok(isSame({ a: 1, b: [{ c: 1, d: 2 }] }, { b: [{ d: 2, c: 1 }], a: 1 }));
  assert.ok(!isSame([1, 2], [2, 1]));
  assert.ok(!isSame(undefined, null));
});
