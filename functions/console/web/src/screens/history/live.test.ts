import assert from "node:assert/strict";
import { test } from "node:test";
import type { Webhook } from "../../api/history.ts";
import { newsOf, withNews } from "./live.ts";
import { pendingInterval } from "./pending.ts";

const at = (minute: number) => `2026-11-29T12:${String(minute).padStart(2, "0")}:00Z`;

function row(minute: number, more: Partial<Webhook> = {}): Webhook {
  return {
    id: `whk_${String(minute).padStart(32, "0")}`,
    received_at: at(minute),
    application: { key: "webhook", name: "Webhook", icon: null },
    integration: { id: `int_${"0".repeat(32)}`, name: "Site" },
    status: "success",
    reprocessing: false,
    active: true,
    test: false,
    method: "POST",
    size: 1,
    error: null,
    warnings: [],
    contact: null,
    deal: null,
    runs: 1,
    duplicate_of: null,
    expires_at: at(59),
    ...more,
  };
}

test("rows that came stand on top, changed ones change in place", () => {
  const list = [row(3, { status: "pending" }), row(2), row(1)];
  const news = newsOf(list, [row(5), row(4), row(3)]);
  assert.deepEqual(
    news.fresh.map((one) => one.received_at),
    [at(5), at(4)],
  );
  assert.deepEqual([...news.changed.keys()], [row(3).id]);
  assert.equal(news.gap, false);
  const [page] = withNews([{ items: list, count: 3 }], news, 5);
  assert.deepEqual(
    page?.items.map((one) => one.received_at),
    [at(5), at(4), at(3), at(2), at(1)],
  );
  assert.equal(page?.items[2]?.status, "success");
  assert.equal(page?.count, 5);
});

test("more than a page of new rows leaves a gap", () => {
  assert.equal(newsOf([row(1)], [row(9), row(8)]).gap, true);
  assert.equal(newsOf([], [row(9)]).gap, false);
});

test("a row that is older than the list's newest is no news", () => {
  assert.deepEqual(newsOf([row(5)], [row(5), row(4)]).fresh, []);
});

test("a list is asked again while a young row, or one that the reader touched, is under way", () => {
  const now = Date.parse(at(10));
  const young = row(10, { status: "pending" });
  const old = row(1, { reprocessing: true });
  assert.equal(pendingInterval([young], 0, now + 5_000), 2_000);
  assert.equal(pendingInterval([young], 0, now + 31_000), false);
  assert.equal(pendingInterval([old], 0, now), false);
  assert.equal(pendingInterval([old], now + 1, now), 2_000);
  assert.equal(pendingInterval([row(10)], now + 1, now), false);
});
