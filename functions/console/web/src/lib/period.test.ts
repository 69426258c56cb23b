import assert from "node:assert/strict";
import { test } from "node:test";
import {
  instants,
  isBefore,
  isBound,
  QUICK,
  quickOf,
  quickPeriod,
  readDay,
  resolve,
  retainedSince,
  startOfDay,
  timeOfDay,
} from "./period.ts";

const ZONE = "America/Sao_Paulo";
// 28 November, 23:30 in São Paulo: already the 29th in UTC.
const NOW = Date.parse("2026-11-29T02:30:00Z");

test("d16_days_are_those_of_the_workspaces_zone", () => {
  assert.deepEqual(quickPeriod("today", NOW, ZONE), { from: "2026-11-28", to: "2026-11-28" });
  assert.deepEqual(quickPeriod("today", NOW, "UTC"), { from: "2026-11-29", to: "2026-11-29" });
  const day = instants({ from: "2026-11-28", to: "2026-11-28" }, NOW, ZONE);
  assert.equal(day.from, Date.parse("2026-11-28T03:00:00Z"));
  assert.equal(day.to, Date.parse("2026-11-29T02:59:59.999Z"));
});

test("relative bounds mean what they say at the time of reading", () => {
  assert.deepEqual(resolve({ from: "-7d" }, NOW, ZONE), { from: "2026-11-22" });
  assert.deepEqual(resolve({ from: "-24h" }, NOW, ZONE), { from: "2026-11-28T02:30:00.000Z" });
  assert.deepEqual(resolve({ from: "-7d", to: "-2d" }, NOW, ZONE), {
    from: "2026-11-22",
    to: "2026-11-27",
  });
});

test("unknown bounds are dropped", () => {
  for (const text of [
    "",
    "tomorrow",
    "-0d",
    "-7",
    "2026-02-30",
    "2026-11-28T25:00:00Z",
    "-99999d",
  ]) {
    assert.equal(isBound(text), false, text);
  }
  for (const text of [
    "-7d",
    "-24h",
    "2026-11-28",
    "2026-11-28T20:00:00Z",
    "2026-11-28T20:00:00.5-03:00",
  ]) {
    assert.equal(isBound(text), true, text);
  }
  assert.deepEqual(resolve({ from: "whenever" }, NOW, ZONE), {});
});

test("every quick choice is recognised again", () => {
  for (const quick of QUICK) assert.equal(quickOf(quickPeriod(quick, NOW, ZONE), NOW, ZONE), quick);
  assert.equal(quickOf({ from: "2026-11-03" }, NOW, ZONE), null);
});

test("this month is whole", () => {
  assert.deepEqual(quickPeriod("month", NOW, ZONE), { from: "2026-11-01", to: "2026-11-30" });
});

test("a day without midnight begins at the first time that exists", () => {
  const day = readDay("2018-11-04");
  assert.ok(day);
  assert.equal(startOfDay(day, ZONE), Date.parse("2018-11-04T03:00:00Z"));
});

test("s1_2_three_calendar_months_and_s2_3_thirty_days_bound_the_calendar", () => {
  assert.equal(retainedSince({ months: 3 }, NOW, ZONE).toString(), "2026-08-28");
  assert.equal(retainedSince({ days: 30 }, NOW, ZONE).toString(), "2026-10-29");
  const since = Date.parse("2026-10-29T03:00:00Z");
  assert.equal(isBefore({ to: "2026-10-28" }, since, NOW, ZONE), true);
  assert.equal(isBefore({ to: "2026-10-29" }, since, NOW, ZONE), false);
  assert.equal(isBefore({ from: "2026-01-01" }, since, NOW, ZONE), false);
});

test("a clock time is one of the zone", () => {
  const day = readDay("2026-11-28");
  assert.ok(day);
  assert.equal(timeOfDay(day, "20:47", ZONE), "2026-11-28T23:47:00Z");
  assert.equal(timeOfDay(day, "24:00", ZONE), null);
});
