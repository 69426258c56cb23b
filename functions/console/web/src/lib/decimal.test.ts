import assert from "node:assert/strict";
import { test } from "node:test";
import { decimalText } from "./decimal.ts";

test("digits are grouped and none is lost", () => {
  assert.equal(decimalText("1234567.89", "pt"), "1.234.567,89");
  assert.equal(decimalText("1234567.89", "en"), "1,234,567.89");
  assert.equal(decimalText("90071992547409931234.10", "pt"), "90.071.992.547.409.931.234,10");
  assert.equal(decimalText("-1000", "en"), "-1,000");
  assert.equal(decimalText("999", "pt"), "999");
});

test("a text that is no decimal stays", () => {
  for (const text of ["", "1e9", "abc", "1.2.3", ".5"]) assert.equal(decimalText(text, "pt"), text);
});
