import assert from "node:assert/strict";
import { test } from "node:test";
import { isWaiting } from "./waiting.ts";

test("d9_a_webhook_waits_until_a_run_with_the_active_integration_has_ended", () => {
  const inactive = { code: "integration_inactive" };
  assert.equal(isWaiting({ status: "error", reprocessing: false, error: inactive }), true);
  assert.equal(isWaiting({ status: "error", reprocessing: true, error: inactive }), true);
  assert.equal(isWaiting({ status: "pending", reprocessing: false, error: null }), true);
  assert.equal(isWaiting({ status: "success", reprocessing: false, error: null }), false);
  const failed = { code: "mapping_failed" };
  assert.equal(isWaiting({ status: "error", reprocessing: false, error: failed }), false);
});
