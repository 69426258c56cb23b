import {
  type CalendarDate,
  endOfMonth,
  fromDate,
  parseDate,
  startOfMonth,
  toCalendarDate,
  toZoned,
} from "@internationalized/date";

/**
 * A period as the address holds it. A bound is a day of the workspace's zone (`2026-11-28`, whole), a time
 * (RFC 3339), or relative to the time of reading: `-24h`, `-7d`.
 */
export type Period = { from?: string; to?: string };

const RELATIVE = /^-(\d{1,4})([hd])$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/** True for a text that the address may hold as a bound. */
export function isBound(text: string): boolean {
  if (RELATIVE.test(text)) return Number(RELATIVE.exec(text)?.[1]) > 0;
  if (DAY.test(text)) return readDay(text) !== null;
  return TIME.test(text) && !Number.isNaN(Date.parse(text));
}

/** The day of a text; null where there is no such day (`2026-02-30`). */
export function readDay(text: string): CalendarDate | null {
  if (!DAY.test(text)) return null;
  try {
    return parseDate(text);
  } catch {
    return null;
  }
}

/** The day of `now` (milliseconds) in a zone. */
export function dayAt(now: number, zone: string): CalendarDate {
  return toCalendarDate(fromDate(new Date(now), zone));
}

/** First millisecond of a day in a zone. Where midnight does not exist (clocks go forward), the first that does. */
export function startOfDay(day: CalendarDate, zone: string): number {
  return toZoned(day, zone).toDate().getTime();
}

/** Last millisecond of a day in a zone. */
export function endOfDay(day: CalendarDate, zone: string): number {
  return startOfDay(day.add({ days: 1 }), zone) - 1;
}

function resolveBound(bound: string, now: number, zone: string): string {
  const match = RELATIVE.exec(bound);
  if (!match) return bound;
  const amount = Number(match[1]);
  if (match[2] === "h") return new Date(now - amount * 3_600_000).toISOString();
  // -7d is seven whole days with today as the last of them, so its first is six days ago.
  const day = dayAt(now, zone).subtract({ days: amount - 1 });
  return day.toString();
}

/** The period as the API takes it: relative bounds become days or times. Bounds that are none are left out. */
export function resolve(period: Period, now: number, zone: string): Period {
  const resolved: Period = {};
  if (period.from && isBound(period.from)) resolved.from = resolveBound(period.from, now, zone);
  if (period.to && isBound(period.to)) resolved.to = resolveBound(period.to, now, zone);
  return resolved;
}

/** Instants of a period's bounds in milliseconds; null where a side is open. */
export function instants(
  period: Period,
  now: number,
  zone: string,
): { from: number | null; to: number | null } {
  const { from, to } = resolve(period, now, zone);
  const fromDay = from ? readDay(from) : null;
  const toDay = to ? readDay(to) : null;
  return {
    from: fromDay ? startOfDay(fromDay, zone) : from ? Date.parse(from) : null,
    to: toDay ? endOfDay(toDay, zone) : to ? Date.parse(to) : null,
  };
}

export type Quick = "today" | "yesterday" | "last7" | "last30" | "month" | "all";

export const QUICK: readonly Quick[] = ["today", "yesterday", "last7", "last30", "month", "all"];

/** The period of a quick choice. Today, yesterday and this month are days, so that a link of them stays what it was. */
export function quickPeriod(quick: Quick, now: number, zone: string): Period {
  const today = dayAt(now, zone);
  switch (quick) {
    case "today":
      return { from: today.toString(), to: today.toString() };
    case "yesterday": {
      const day = today.subtract({ days: 1 }).toString();
      return { from: day, to: day };
    }
    case "last7":
      return { from: "-7d" };
    case "last30":
      return { from: "-30d" };
    case "month":
      return { from: startOfMonth(today).toString(), to: endOfMonth(today).toString() };
    case "all":
      return {};
  }
}

/** The quick choice that a period is, null where it is one of its own. */
export function quickOf(period: Period, now: number, zone: string): Quick | null {
  return (
    QUICK.find((quick) => {
      const other = quickPeriod(quick, now, zone);
      return other.from === period.from && other.to === period.to;
    }) ?? null
  );
}

/** True where the whole period lies before `since` (milliseconds): nothing of it is retained. */
export function isBefore(period: Period, since: number, now: number, zone: string): boolean {
  const { to } = instants(period, now, zone);
  return to !== null && to < since;
}

/** The first day that is retained at `now`: calendar months for webhooks, days for deliveries. */
export function retainedSince(
  retention: { months: number } | { days: number },
  now: number,
  zone: string,
): CalendarDate {
  return dayAt(now, zone).subtract(retention);
}

/** A day with a clock time of a zone as an instant; `time` is `HH:MM` or `HH:MM:SS`. Null where it is no time. */
export function timeOfDay(day: CalendarDate, time: string, zone: string): string | null {
  const match = /^(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(time);
  if (!match) return null;
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3] ?? "0")];
  if (hour > 23 || minute > 59 || second > 59) return null;
  const zoned = toZoned(day, zone).set({ hour, minute, second, millisecond: 0 });
  return zoned.toDate().toISOString().replace(".000Z", "Z");
}
