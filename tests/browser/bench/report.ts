import { cpus, loadavg, totalmem } from "node:os";
import type { FullResult, Reporter, TestCase, TestResult } from "@playwright/test/reporter";
import { MEASURE, type Measure } from "./measure.ts";

/** A measure above so many times its budget fails the command: machines differ, and none is quiet. */
const CEILING = 3;

const say = (line: string) => process.stdout.write(`${line}\n`);

/** Prints the measures as one table, and fails where one is far above its budget. */
export default class Report implements Reporter {
  readonly #measures: Measure[] = [];

  onBegin(): void {
    const [cpu] = cpus();
    const memory = (totalmem() / 2 ** 30).toFixed(0);
    const load = (loadavg()[0] ?? 0).toFixed(1);
    say(`${cpus().length} cores of ${cpu?.model}, ${memory} GB, load ${load} before the start\n`);
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    for (const { type, description } of result.annotations) {
      if (type === MEASURE) this.#measures.push(JSON.parse(description ?? "") as Measure);
    }
    for (const error of result.errors) say(`${test.title}: ${error.stack ?? error.message}\n`);
  }

  async onEnd(): Promise<{ status: FullResult["status"] } | undefined> {
    say("| what | budget | median | times the budget | runs |\n|---|---|---|---|---|");
    for (const { name, unit, budget, measured, runs } of this.#measures) {
      const number = measured.toFixed(unit === "elements" ? 0 : 1);
      const ratio = (measured / budget).toFixed(2);
      say(`| ${name} | ${budget} ${unit} | ${number} | ${ratio} | ${runs} |`);
    }
    const over = this.#measures.filter(({ budget, measured }) => !(measured <= CEILING * budget));
    if (over.length === 0) return undefined;
    say(`\nabove ${CEILING} times the budget: ${over.map(({ name }) => name).join(", ")}`);
    return { status: "failed" };
  }
}
