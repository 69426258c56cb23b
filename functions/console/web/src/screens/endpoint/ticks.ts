const STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400,
];

/** Round moments between two others, in milliseconds: at most `most`, at least two where the time is long enough. */
export function ticks(start: number, end: number, most: number): number[] {
  const step = STEPS.map((seconds) => seconds * 1000).find(
    (one) => Math.floor(end / one) - Math.ceil(start / one) + 1 <= most,
  );
  if (step === undefined) return [start, end];
  const first = Math.ceil(start / step) * step;
  const count = Math.floor((end - first) / step) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => first + i * step);
}
