import assert from "node:assert/strict";
import { test } from "node:test";
import type { Run, WebhookDetail } from "../../api/history.ts";
import { parseQuery, writeQuery } from "../../lib/search.ts";
import { curlOfWebhook } from "./curl.ts";
import { finderOf } from "./finder.ts";
import { lastRun, rerunInterval } from "./rerun.ts";
import { webhookSearch } from "./search.ts";

const again = (query: string) =>
  writeQuery(webhookSearch.write(webhookSearch.parse(parseQuery(query))));

test("tab and node of the page come back as they were, the first tab is not written", () => {
  assert.equal(again("?tab=payload&node=$.a"), "?tab=payload&node=$.a");
  assert.equal(again("?tab=summary"), "");
  assert.equal(again("?tab=nonsense"), "");
});

test("a finder is its kind and its text, which can hold colons", () => {
  assert.deepEqual(finderOf("email:ana@example.com"), { kind: "email", text: "ana@example.com" });
  assert.deepEqual(finderOf("key:a:b"), { kind: "key", text: "a:b" });
  assert.deepEqual(finderOf("PED-1"), { kind: "key", text: "PED-1" });
});

test("a run that was asked for, or the first one, is awaited fast for 15 s, then slowly, until it is there", () => {
  const runs = (...all: Partial<Run>[]) => ({ runs: all }) as WebhookDetail;
  const awaited = { run: 2, since: 1_000 };
  assert.equal(rerunInterval(runs({ number: 1, status: "error" }), awaited, 2_000), 1_000);
  assert.equal(rerunInterval(runs({ number: 2, status: "pending" }), awaited, 20_000), 5_000);
  assert.equal(rerunInterval(runs({ number: 2, status: "success" }), awaited, 2_000), false);
  assert.equal(rerunInterval(undefined, null, 0), false);
  const received = (status: string) =>
    ({ ...runs(), status, received_at: "1970-01-01T00:00:01Z" }) as WebhookDetail;
  assert.equal(rerunInterval(received("pending"), null, 2_000), 1_000);
  assert.equal(rerunInterval(received("pending"), null, 20_000), 5_000);
  assert.equal(rerunInterval(received("success"), null, 2_000), false);
});

test("the last run is the newest that ended, in whatever order they come", () => {
  const runs = (...all: Partial<Run>[]) => ({ runs: all }) as WebhookDetail;
  const [first, second, third] = [
    { number: 1, status: "error" },
    { number: 2, status: "success" },
    { number: 3, status: "pending" },
  ] as const;
  assert.equal(lastRun(runs(first, second, third))?.number, 2);
  assert.equal(lastRun(runs(second, first))?.number, 2);
  assert.equal(lastRun(runs(third)), undefined);
});

test("curl of a webhook leaves out what is masked or made by the client, and quotes the rest", () => {
  const webhook = {
    method: "POST",
    query: "a=1",
    headers: [
      { name: "host", value: "x" },
      { name: "authorization", value: "•••" },
      { name: "x-note", value: "it's" },
    ],
  };
  assert.equal(
    curlOfWebhook(webhook, "{}"),
    `curl -X POST "$URL"'?a=1' -H 'x-note: it'\\''s' --data-binary '{}'`,
  );
});
