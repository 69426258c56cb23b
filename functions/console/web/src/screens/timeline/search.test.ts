import assert from "node:assert/strict";
import { test } from "node:test";
import { parseQuery, writeQuery } from "../../lib/search.ts";
import { timelineSearch as codec } from "./search.ts";

test("any_key_comes_back_from_the_address", () => {
  for (const key of ["PED/1", "ana+x@exemplo.com", "a b&c=d#e?", "+55 11 98765-4321", "100%"]) {
    const values = { key, show: ["out" as const], errors: true };
    assert.deepEqual(codec.parse(parseQuery(writeQuery(codec.write(values)))), values, key);
  }
});

test("defaults_are_not_written_and_unknown_sides_are_dropped", () => {
  assert.equal(writeQuery(codec.write({ key: undefined, show: [], errors: false })), "");
  assert.deepEqual(codec.parse({ show: "in,x", errors: "1" }), {
    key: undefined,
    show: ["in"],
    errors: false,
  });
});
