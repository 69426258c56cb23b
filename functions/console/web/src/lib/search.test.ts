import assert from "node:assert/strict";
import { test } from "node:test";
import { listOf, matching, parseQuery, text, writeQuery } from "./search.ts";

test("a query keeps its texts: digits stay digits, commas stay readable", () => {
  const query = "?q=00123&status=error,pending&node=$.itens[3].email";
  assert.deepEqual(parseQuery(query), {
    q: "00123",
    status: "error,pending",
    node: "$.itens[3].email",
  });
  assert.equal(
    writeQuery(parseQuery(query)),
    "?q=00123&status=error,pending&node=$.itens%5B3%5D.email",
  );
});

test("absent and empty values are not written", () => {
  assert.equal(writeQuery({ a: undefined, b: "", c: "1" }), "?c=1");
  assert.equal(writeQuery({}), "");
});

test("what a query writes it reads again, whatever the text", () => {
  for (const value of ["a&b=c", "a+b", "ção/ü", "#x", "%41", "\u202e", "1,2"]) {
    assert.deepEqual(parseQuery(writeQuery({ q: value })), { q: value });
  }
});

test("unknown values of a list are dropped, known ones come once and in order", () => {
  assert.deepEqual(listOf("b,x,a,b", ["a", "b", "c"]), ["a", "b"]);
  assert.deepEqual(listOf(undefined, ["a"]), []);
  assert.deepEqual(matching("k1,bad!,k2,k1", /^k\d$/, 50), ["k1", "k2"]);
  assert.deepEqual(matching("k1,k2,k3", /^k\d$/, 2), ["k1", "k2"]);
});

test("a text of spaces is no text, a longer one than allowed neither", () => {
  assert.equal(text("  ", 10), undefined);
  assert.equal(text("abc", 2), undefined);
  assert.equal(text("ab", 2), "ab");
});
