/** The content of a list, and the time when it was read. */
export interface Reading {
  /** Loaded rows. */
  rows: number;
  /** The rows that match, by the server's counters; `undefined`: nothing was read yet. */
  count: number | undefined;
  /** The moment of the newest row, RFC 3339; `undefined`: there is none. */
  newest: string | undefined;
  /** The time of the answer in milliseconds; 0: there was none. */
  readAt: number;
}

/** Milliseconds after which the counters know a row: the stream behind them (D21). */
export const CATCHES_UP = 6_000;
/** Milliseconds between two askings. */
export const EVERY = 2_000;
/** Askings after which the counters are taken as they are: 30 s, as for a row under way. */
const MOST = 15;

/**
 * The counters may not know all of the rows: they are written a moment after them. More rows than are counted prove
 * it; a newest row that had just come when the list was read makes it likely.
 */
export function isBehind({ rows, count, newest, readAt }: Reading): boolean {
  if (count === undefined || readAt === 0) return false;
  if (rows > count) return true;
  // A clock that is apart from the server's by more than that tells nothing about the age.
  return newest !== undefined && Math.abs(readAt - Date.parse(newest)) < CATCHES_UP;
}

/** Milliseconds until the list is asked again; `false`: its counters agree, or were asked often enough. */
export function catchUpIn(
  reading: Reading,
  { asked, acted }: { asked: number; acted: boolean },
): number | false {
  if (asked >= MOST) return false;
  if (isBehind(reading)) return EVERY;
  return acted && reading.readAt > 0 ? CATCHES_UP : false;
}
