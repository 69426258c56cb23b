import assert from "node:assert/strict";
import { test } from "node:test";
import { forms } from "./plural.ts";

test("a number agrees with its noun, none is many", () => {
  const pt = forms("pt-BR");
  assert.equal(pt.count(0, "webhook", "webhooks"), "0 webhooks");
  assert.equal(pt.count(1, "webhook", "webhooks"), "1 webhook");
  assert.equal(pt.count(1234, "webhook", "webhooks"), "1.234 webhooks");
  assert.equal(forms("en-US").count(1234, "webhook", "webhooks"), "1,234 webhooks");
  assert.equal(pt.plural(0, "um", "muitos"), "muitos");
});

test("lists and shares are those of the language", () => {
  assert.equal(forms("pt-BR").list(["a", "b", "c"]), "a, b e c");
  assert.equal(forms("en-US").percent(0.125), "12.5%");
});
