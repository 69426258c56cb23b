import assert from "node:assert/strict";
import { test } from "node:test";
import { parseQuery, writeQuery } from "../../lib/search.ts";
import { deliveryPageSearch } from "./search.ts";

const again = (query: string) =>
  writeQuery(deliveryPageSearch.write(deliveryPageSearch.parse(parseQuery(query))));

test("the_attempt_of_an_address_is_read_and_written", () => {
  for (const query of ["", "?tab=request", "?attempt=2", "?attempt=999"]) {
    assert.equal(again(query), query);
  }
});

test("an_attempt_is_dropped_where_it_is_no_number_or_another_tab_is_shown", () => {
  for (const query of ["?attempt=0", "?attempt=-1", "?attempt=2x", "?attempt=1000", "?tab=lost"]) {
    assert.equal(again(query), "");
  }
  assert.equal(again("?tab=event&attempt=2"), "?tab=event");
});
