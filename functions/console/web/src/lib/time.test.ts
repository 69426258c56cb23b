import assert from "node:assert/strict";
import { test } from "node:test";
import {
  clockText,
  countText,
  dayOf,
  dayText,
  durationText,
  momentText,
  percentText,
  relativeText,
  sizeText,
  zoneName,
} from "./time.ts";

const SAO_PAULO = "America/Sao_Paulo";

test("a moment stands in the zone, in the form of the language", () => {
  const at = "2026-11-28T23:47:09.120Z";
  assert.equal(momentText(at, SAO_PAULO, "pt"), "28/11/2026 20:47:09");
  assert.equal(momentText(at, SAO_PAULO, "en"), "Nov 28, 2026, 20:47:09");
  assert.equal(momentText(at, "UTC", "pt"), "28/11/2026 23:47:09");
  assert.equal(dayText("2026-11-29T02:00:00Z", SAO_PAULO, "pt"), "28/11/2026");
  assert.equal(clockText("2026-11-28T03:00:00Z", SAO_PAULO, "en"), "00:00:00");
});

test("a time that cannot be read is shown as it came", () => {
  assert.equal(momentText("yesterday", SAO_PAULO, "pt"), "yesterday");
  assert.equal(relativeText("soon", 0, "en"), "soon");
});

test("a day is the one of the zone", () => {
  assert.equal(dayOf("2026-11-29T02:59:59Z", SAO_PAULO), "2026-11-28");
  assert.equal(dayOf("2026-11-29T03:00:00Z", SAO_PAULO), "2026-11-29");
});

test("a zone has the name that people use", () => {
  assert.equal(zoneName(SAO_PAULO, "pt"), "Brasília");
  assert.equal(zoneName(SAO_PAULO, "en"), "Brasilia");
  assert.equal(zoneName("UTC", "pt"), "UTC");
  assert.equal(zoneName("Nowhere/At_All", "pt"), "Nowhere/At_All");
});

test("relative times say the largest unit", () => {
  const now = Date.parse("2026-11-28T12:00:00Z");
  assert.equal(relativeText("2026-11-28T11:57:00Z", now, "pt"), "há 3 min");
  assert.equal(relativeText("2026-11-28T12:04:59Z", now, "pt"), "em 4 min");
  assert.equal(relativeText("2026-11-26T12:00:00Z", now, "en"), "2 days ago");
});

test("durations have at most two units", () => {
  assert.equal(durationText(312, "pt"), "312 ms");
  assert.equal(durationText(4900, "pt"), "4,9 s");
  assert.equal(durationText(5000, "en"), "5 s");
  assert.equal(durationText(59_700, "en"), "1 min");
  assert.equal(durationText(180_000, "pt"), "3 min");
  assert.equal(durationText(7_500_000, "pt"), "2 h 5 min");
  assert.equal(durationText(86_400_000 * 3, "pt"), "3 d");
  assert.equal(durationText(-5, "pt"), "0 ms");
});

test("sizes count 1,024", () => {
  assert.equal(sizeText(812, "pt"), "812 B");
  assert.equal(sizeText(2048, "pt"), "2,0 KB");
  assert.equal(sizeText(5_976_884, "en"), "5.7 MB");
  assert.equal(sizeText(1024 * 1024 - 1, "en"), "1.0 MB");
});

test("numbers and percentages follow the language", () => {
  assert.equal(countText(1234, "pt"), "1.234");
  assert.equal(countText(1234, "en"), "1,234");
  assert.equal(percentText(12.5, "pt"), "12,5%");
  assert.equal(percentText(100, "en"), "100%");
  assert.equal(percentText(null, "pt"), "—");
});
