import assert from "node:assert/strict";
import { test } from "node:test";
import { extrasOf, headersOf, limitsOf, NO_EXTRAS, placeOf } from "./extras.ts";

test("rows without a text are not sent, and a refusal finds its row all the same", () => {
  const rows = [
    { name: " x-key ", value: "a " },
    { name: "", value: "" },
    { name: "", value: "only a value" },
  ];
  assert.deepEqual(headersOf(rows), [
    { name: "x-key", value: "a " },
    { name: "", value: "only a value" },
  ]);
  assert.equal(placeOf(rows, 0), 0);
  assert.equal(placeOf(rows, 2), 1);
});

test("an empty limit is none, and a text that is no number sends nothing", () => {
  const none = { max_concurrency: null, rate_per_second: null };
  assert.deepEqual(limitsOf(NO_EXTRAS), none);
  assert.deepEqual(limitsOf({ ...NO_EXTRAS, rate: " 5 " }), { ...none, rate_per_second: 5 });
  assert.equal(limitsOf({ ...NO_EXTRAS, concurrency: "many" }), undefined);
});

test("what_an_endpoint_has_is_the_same_after_its_form", () => {
  const limits = { max_concurrency: 3, rate_per_second: null };
  const extras = extrasOf({ headers: [{ name: "x-a", value: "1" }], limits });
  assert.deepEqual(limitsOf(extras), limits);
  assert.deepEqual(headersOf(extras.headers), [{ name: "x-a", value: "1" }]);
});
