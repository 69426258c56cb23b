import assert from "node:assert/strict";
import { test } from "node:test";
import { checksToSend, promptsOf } from "./prompts.ts";

const meta = {
  type: "meta",
  secret: { pt: "Chave", en: "Key", generate: false },
  verify_token: { pt: "Token", en: "Token", generate: true },
};

test("the_catalogue_asks_only_for_secrets", () => {
  assert.deepEqual(promptsOf([meta, { type: "github" }]), [
    { id: "verification[0].secret", pt: "Chave", en: "Key", generate: false },
    { id: "verification[0].verify_token", pt: "Token", en: "Token", generate: true },
  ]);
});

test("answers_take_the_place_of_prompts_and_what_is_not_answered_is_generated", () => {
  const hmac = { type: "hmac", header: "x", secret: { pt: "a", en: "a", generate: true } };
  assert.deepEqual(checksToSend([meta, hmac], { "verification[0].secret": " s " }), [
    { type: "meta", secret: "s", verify_token: "generate" },
    { type: "hmac", header: "x", secret: "generate" },
  ]);
});
