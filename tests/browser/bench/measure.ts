import { test } from "@playwright/test";

/** A number that was measured, with its budget, in `unit`. */
export type Measure = {
  name: string;
  unit: "ms" | "MB" | "elements";
  budget: number;
  measured: number;
  runs: number;
};

/** The kind of annotation under which a measure reaches the report. */
export const MEASURE = "measure";

/** The runs that count; one before them warms up. */
const RUNS = 5;

export type Goal = Pick<Measure, "name" | "unit" | "budget">;

/** Notes the median of several runs of `once` for each goal; a run has a number for each of them. */
export async function measure(
  goals: readonly Goal[],
  once: () => Promise<readonly number[]>,
  runs = RUNS,
): Promise<void> {
  const found: (readonly number[])[] = [];
  if (runs > 1) await once();
  for (let run = 0; run < runs; run += 1) found.push(await once());
  for (const [at, goal] of goals.entries()) {
    const numbers = found.map((numbers) => numbers[at] ?? Number.NaN);
    note({ ...goal, measured: quantile(numbers, 0.5), runs });
  }
}

function note(measured: Measure): void {
  test.info().annotations.push({ type: MEASURE, description: JSON.stringify(measured) });
}

/** The number below which that share of the numbers lies. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
