import journeys from "./playwright.config.ts";

// The times of the console, one after another so that they do not disturb each other. Reads the same environment as
// the journeys.
export default {
  ...journeys,
  testDir: "bench",
  testMatch: "*.bench.ts",
  outputDir: "../../target/browser/bench",
  workers: 1,
  timeout: 600_000,
  reporter: "./bench/report.ts",
  use: { ...journeys.use, trace: "off", screenshot: "off" },
} as const;
