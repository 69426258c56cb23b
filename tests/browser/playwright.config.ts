import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

const CANDIDATES = ["/usr/bin/chromium", "/usr/bin/google-chrome"];
const chromium = process.env.CHROMIUM ?? CANDIDATES.find((path) => existsSync(path));
if (!chromium) throw new Error("no Chromium: install the Debian package chromium, or set CHROMIUM");

// A host for each worker (support/host.ts). A journey that fails is tried once more and reported as flaky: a run that
// was green three times in a row without this is what takes it away again.
export default defineConfig({
  testDir: "journeys",
  outputDir: "../../target/browser/results",
  globalTeardown: "./support/album.ts",
  reporter: [["list"]],
  workers: 2,
  retries: 1,
  // Generous, because a busy machine is slow: a journey that hangs ends, and nothing is measured here.
  timeout: 180_000,
  expect: { timeout: 20_000 },
  use: {
    locale: "pt-BR",
    viewport: { width: 1366, height: 768 },
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: chromium,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
