import assert from "node:assert/strict";
import { test } from "node:test";
import { pendingInterval } from "./pending.ts";

const at = (minute: number) => `2026-11-29T12:${String(minute).padStart(2, "0")}:00Z`;
const row = (minute: number, status: "success" | "pending", reprocessing = false) => ({
  received_at: at(minute),
  status,
  reprocessing,
});

test("a list is asked again while a young row, or one that the reader touched, is under way", () => {
  const now = Date.parse(at(10));
  const young = row(10, "pending");
  const old = row(1, "success", true);
  assert.equal(pendingInterval([young], 0, now + 5_000), 2_000);
  assert.equal(pendingInterval([young], 0, now + 31_000), false);
  assert.equal(pendingInterval([old], 0, now), false);
  assert.equal(pendingInterval([old], now + 1, now), 2_000);
  assert.equal(pendingInterval([row(10, "success")], now + 1, now), false);
});
