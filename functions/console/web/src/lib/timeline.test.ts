import assert from "node:assert/strict";
import { test } from "node:test";
import type { components } from "../api/schema.d.ts";
import { type Entry, entryOf, failed, joined, passes } from "./timeline.ts";

type Item = components["schemas"]["SubjectItem"];

function delivery(
  id: string,
  event: string,
  at: string,
  state: "success" | "failure" = "success",
): Item {
  return {
    kind: "delivery",
    at,
    delivery: {
      id,
      event,
      subject: "PED-1",
      subject_status: null,
      type: "deal.created",
      created_at: at,
      trigger: "event",
      resend_of: null,
      rule: null,
      endpoint: null,
      integration: null,
      state,
      reason: null,
      next_at: null,
      state_since: at,
      url: null,
      attempts: 1,
      last: null,
      expires_at: at,
    },
  } as unknown as Item;
}
const event = (id: string, at: string, cause: unknown): Item => ({
  kind: "event",
  at,
  event: { id, types: ["deal.created"], cause, data: {} },
});
const webhook = (id: string, at: string, status = "success"): Item => ({
  kind: "webhook",
  at,
  webhook: {
    id,
    origin: "ori_1",
    application: "webhook",
    status,
    integration: { id: "int_1", name: "I" },
  },
});

function read(items: Item[]): Entry[] {
  return items.flatMap((item) => entryOf(item) ?? []);
}

test("effects_stand_below_their_cause_newest_cause_first", () => {
  const entries = read([
    delivery("dlv_2", "evt_1", "2026-01-01T00:00:03Z"),
    delivery("dlv_1", "evt_1", "2026-01-01T00:00:02Z"),
    webhook("whk_2", "2026-01-01T00:00:05Z"),
    event("evt_1", "2026-01-01T00:00:01Z", { webhook: "whk_1" }),
    webhook("whk_1", "2026-01-01T00:00:00Z"),
    event("evt_9", "2026-01-01T00:00:04Z", "producer"),
  ]);
  assert.deepEqual(
    joined(entries).map(({ entry, level }) => `${level} ${entry.key}`),
    ["0 whk_2", "0 evt_9", "0 whk_1", "1 evt_1", "2 dlv_1", "2 dlv_2"],
  );
});

test("lines_go_on_beside_an_entry_until_the_last_effect_of_its_cause", () => {
  const entries = read([
    webhook("whk_1", "2026-01-01T00:00:00Z"),
    event("evt_1", "2026-01-01T00:00:01Z", { webhook: "whk_1" }),
    delivery("dlv_1", "evt_1", "2026-01-01T00:00:02Z"),
    event("evt_2", "2026-01-01T00:00:03Z", { webhook: "whk_1" }),
  ]);
  assert.deepEqual(
    joined(entries).map((one) => [one.entry.key, one.hasEffects, one.isLast, one.passes]),
    [
      ["whk_1", true, true, false],
      ["evt_1", true, false, false],
      ["dlv_1", false, true, true],
      ["evt_2", false, true, false],
    ],
  );
});

test("an_effect_without_its_cause_stands_by_itself", () => {
  const entries = read([delivery("dlv_1", "evt_gone", "2026-01-01T00:00:02Z")]);
  assert.deepEqual(
    joined(entries).map(({ level }) => level),
    [0],
  );
});

test("the_cause_is_read_in_each_of_its_forms", () => {
  const causes = [
    "producer",
    { webhook: { id: "whk_1" } },
    { webhook: "whk_1" },
    { person: "x" },
    null,
  ];
  const found = read(causes.map((cause, i) => event(`evt_${i}`, "2026-01-01T00:00:00Z", cause)));
  assert.deepEqual(
    found.map((entry) => (entry.kind === "event" ? [entry.event.webhook, entry.event.cause] : [])),
    [
      [undefined, "producer"],
      ["whk_1", "webhook"],
      ["whk_1", "webhook"],
      [undefined, "person"],
      [undefined, undefined],
    ],
  );
});

test("only_what_failed_and_one_side_can_be_shown", () => {
  const entries = read([
    webhook("whk_1", "2026-01-01T00:00:00Z", "error"),
    event("evt_1", "2026-01-01T00:00:01Z", "producer"),
    delivery("dlv_1", "evt_1", "2026-01-01T00:00:02Z", "failure"),
  ]);
  assert.deepEqual(entries.map(failed), [true, false, true]);
  const keys = (sides: ("in" | "out" | "events")[], onlyErrors = false) =>
    entries.filter((entry) => passes(entry, { sides, onlyErrors })).map((entry) => entry.key);
  assert.deepEqual(keys([]), ["whk_1", "evt_1", "dlv_1"]);
  assert.deepEqual(keys(["out"]), ["dlv_1"]);
  assert.deepEqual(keys([], true), ["whk_1", "dlv_1"]);
});

test("an_item_of_an_unknown_form_is_left_out", () => {
  assert.deepEqual(
    read([
      { kind: "webhook", at: "x", webhook: {} },
      { kind: "event", at: "x" },
    ]),
    [],
  );
});
