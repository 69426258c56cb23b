import assert from "node:assert/strict";
import { test } from "node:test";
import { CATCHES_UP, catchUpIn, EVERY, isBehind, type Reading } from "./catchUp.ts";

const READ_AT = Date.parse("2026-11-30T12:00:00Z");
const reading = (secondsOld: number, more: Partial<Reading> = {}): Reading => ({
  rows: 50,
  count: 120,
  newest: new Date(READ_AT - secondsOld * 1_000).toISOString(),
  readAt: READ_AT,
  ...more,
});
const quiet = { asked: 0, acted: false };

test("D21 a list whose newest row had just come is asked again until that row is old enough", () => {
  assert.equal(catchUpIn(reading(1), quiet), EVERY);
  assert.equal(catchUpIn(reading(5.9), { asked: 2, acted: false }), EVERY);
  assert.equal(catchUpIn(reading(6), quiet), false);
  assert.equal(catchUpIn(reading(0, { rows: 0, count: 0, newest: undefined }), quiet), false);
});

test("D21 more rows than are counted are asked again, however old they are", () => {
  assert.equal(isBehind(reading(3_600, { rows: 121 })), true);
  assert.equal(isBehind(reading(3_600, { rows: 120 })), false);
});

test("5.2 counters that never agree are asked for 30 seconds and no longer", () => {
  const never = reading(0, { rows: 121 });
  const askings = Array.from({ length: 40 }, (_, asked) =>
    catchUpIn(never, { asked, acted: true }),
  );
  const waits = askings.filter((wait) => wait !== false);
  assert.equal(
    waits.reduce((sum, wait) => sum + wait, 0),
    30_000,
  );
  assert.equal(askings.at(-1), false);
});

test("5.2 after an action of the reader the list is asked once more", () => {
  assert.equal(catchUpIn(reading(3_600), { asked: 0, acted: true }), CATCHES_UP);
  assert.equal(catchUpIn(reading(3_600, { readAt: 0 }), { asked: 0, acted: true }), false);
});

test("a browser's clock that is hours apart does not ask for ever", () => {
  assert.equal(isBehind(reading(-7_200)), false);
  assert.equal(isBehind(reading(7_200)), false);
});

test("nothing is asked again before the first answer", () => {
  assert.equal(isBehind(reading(0, { count: undefined })), false);
  assert.equal(isBehind(reading(0, { readAt: 0 })), false);
});
