import assert from "node:assert/strict";
import { test } from "node:test";
import { parseQuery, writeQuery } from "../../lib/search.ts";
import { deliverySearch, filterOf, isFiltered, tabOf } from "./search.ts";

const RULE = `rule_${"a".repeat(32)}`;
const read = (query: string) => deliverySearch.parse(parseQuery(query));
const again = (query: string) => writeQuery(deliverySearch.write(read(query)));

test("an address is read and written as it was", () => {
  for (const query of [
    "",
    "?tab=error",
    "?state=failure",
    `?from=-7d&subject=PED-1%3F&rule=${RULE}`,
    `?d=dlv_${"0".repeat(32)}&attempt=2`,
    `?tab=held&d=dlv_${"0".repeat(32)}&live=1`,
  ]) {
    assert.equal(again(query), query);
  }
});

test("unknown values are dropped, never an error", () => {
  const query = "?tab=lost&state=lost&from=tomorrow&rule=x,y&d=1&live=yes&subject=%20&attempt=2";
  assert.equal(again(query), "");
});

test("s2_4_the_tabs_are_sets_of_states", () => {
  assert.deepEqual(filterOf(read("")).state, ["failure", "retrying", "success"]);
  assert.deepEqual(filterOf(read("?tab=error")).state, ["failure", "retrying"]);
  assert.deepEqual(filterOf(read("?tab=process")).state, ["queued"]);
});

test("states chosen one by one stand in place of the tab", () => {
  assert.equal(tabOf(read("?state=failure")), "error");
  assert.equal(tabOf(read("?state=held")), "held");
  assert.equal(tabOf(read("?state=failure,held")), "all");
  assert.equal(writeQuery(deliverySearch.write(read("?tab=held&state=failure"))), "?state=failure");
});

test("the tab is no filter, everything else is", () => {
  assert.equal(isFiltered(read("?tab=error")), false);
  for (const query of ["?from=-7d", "?subject=x", `?rule=${RULE}`]) {
    assert.equal(isFiltered(read(query)), true, query);
  }
});
