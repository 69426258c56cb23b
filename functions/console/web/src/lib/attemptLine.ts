/** A moment on the line of attempts, in milliseconds. */
export type Tries = {
  /** Attempts that were made: their starts. */
  made: readonly number[];
  /** The next attempt; null where none is due. */
  next: number | null;
  /** Those that the policy allows after the next one. */
  later: readonly number[];
};

/**
 * The moments of the attempts that may still come. A wait counts from the start of the attempt before it (S4.5);
 * `counted` attempts used up as many waits. With `next` null nothing comes.
 */
export function comingTries(
  waits: readonly number[],
  counted: number,
  next: number | null,
): number[] {
  if (next === null) return [];
  const later: number[] = [];
  let at = next;
  // The next attempt uses the wait at counted - 1; those behind it follow from there.
  for (const wait of waits.slice(Math.max(0, counted))) {
    at += wait * 1000;
    later.push(at);
  }
  return later;
}

/** The moments of every try if each fails at once: the first at `start`. */
export function allTries(waits: readonly number[], start: number): number[] {
  return [start, ...comingTries(waits, 0, start)];
}

const LOG_FROM = 30 * 60_000;

/**
 * Places of moments on a line from 0 to 1. Up to half an hour the line is even; longer ones grow with the logarithm
 * of minutes, so that seconds and days stand on one line. Lines that are compared have one `end`.
 */
export function places(
  moments: readonly number[],
  start: number,
  end = Math.max(start, ...moments),
): number[] {
  const span = end - start;
  if (span <= 0) return moments.map(() => 0);
  const scale = (at: number): number => {
    const since = Math.max(0, at - start);
    return span <= LOG_FROM ? since : Math.log1p(since / 60_000);
  };
  const whole = scale(end);
  return moments.map((at) => scale(at) / whole);
}

/** Places pushed apart to at least `gap`, in their order, without leaving the line. */
export function spread(at: readonly number[], gap: number): number[] {
  const apart: number[] = [];
  for (const place of at) {
    const before = apart.at(-1);
    apart.push(before === undefined ? place : Math.max(place, before + gap));
  }
  const over = (apart.at(-1) ?? 0) - 1;
  if (over <= 0) return apart;
  // What was pushed over the end is taken back from the end on, then shrunk where there is no room at all.
  for (let i = apart.length - 1; i >= 0; i -= 1) {
    const limit = 1 - (apart.length - 1 - i) * gap;
    apart[i] = Math.min(apart[i] ?? 0, limit);
  }
  const first = apart[0] ?? 0;
  return first >= 0 ? apart : at.map((_, i) => (at.length > 1 ? i / (at.length - 1) : 0));
}
