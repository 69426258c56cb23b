import assert from "node:assert/strict";
import { test } from "node:test";
import { parseQuery, writeQuery } from "../../lib/search.ts";
import { filterOf, historySearch, isFiltered, NO_FILTER } from "./search.ts";

const INT = `int_${"a".repeat(32)}`;
const WHK = `whk_${"0".repeat(32)}`;
const read = (query: string) => historySearch.parse(parseQuery(query));
const again = (query: string) => writeQuery(historySearch.write(read(query)));

test("s1_9 every filter is in the address by the API's name, and comes back as it was", () => {
  const query = `?from=-7d&to=2026-11-28&status=error,pending&application=shopify,webhook&integration=${INT}&q=ana@example.com&live=1&w=${WHK}&tab=payload&node=$.a`;
  assert.equal(again(query), query);
});

test("a default is not written", () => {
  assert.equal(again("?live=0&status="), "");
  assert.equal(again(`?w=${WHK}&tab=summary`), `?w=${WHK}`);
  assert.equal(again("?status=success,error,pending"), "");
});

test("unknown values are dropped and never an error", () => {
  const query =
    "?from=yesterday&to=2026-02-30&status=wrong&application=A B&integration=int_1&w=x&tab=zzz&q=%20";
  assert.deepEqual(filterOf(read(query)), NO_FILTER);
  assert.equal(again(query), "");
});

test("a tab and a node say nothing without an open webhook", () => {
  assert.equal(again("?tab=payload&node=$.a"), "");
});

test("s1_10 a filter is set by any of its parameters, but not by the drawer or the live view", () => {
  assert.equal(isFiltered(read("?from=-24h")), true);
  assert.equal(isFiltered(read("?q=PED-1")), true);
  assert.equal(isFiltered(read(`?live=1&w=${WHK}&again=1`)), false);
});
