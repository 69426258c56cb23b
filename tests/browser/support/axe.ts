import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, type Page } from "@playwright/test";

const SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS: readonly string[] = [
  "wcag2a",
  "wcag2aa",
  "wcag21a",
  "wcag21aa",
  "wcag22aa",
  "best-practice",
];

// React Aria's announcer names an element that a dialog has hidden by then; what it said was said.
const CONTEXT = { exclude: ["[data-live-announcer]"] };

type Finding = { id: string; help: string; nodes: { html: string; failureSummary: string }[] };

/** A theme changes colours only: the rules about anything else are run in one of them. */
const RUN_ONLY = {
  light: { type: "tag", values: TAGS },
  dark: { type: "rule", values: ["color-contrast", "link-in-text-block"] },
};

/** Fails if axe finds anything on the page as it stands, in the light and in the dark theme. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    // Colours that are on their way from the other theme have no contrast of their own.
    await page.evaluate(() => {
      for (const one of document.getAnimations()) if (one instanceof CSSTransition) one.finish();
    });
    // The debugger evaluates the source outside of the page's policy.
    await page.evaluate(SOURCE);
    const found = await page.evaluate(
      async ([context, runOnly]) => {
        const { axe } = globalThis as unknown as {
          axe: { run: (context: unknown, options: unknown) => Promise<{ violations: Finding[] }> };
        };
        // React Aria's buttons that close a popover for readers stand around its dialog, outside of every region.
        const isPopover = document.querySelector('[data-trigger="DialogTrigger"]') !== null;
        const rules = isPopover ? { region: { enabled: false } } : {};
        const options = { runOnly, rules, resultTypes: ["violations"] };
        return (await axe.run(context, options)).violations;
      },
      [CONTEXT, RUN_ONLY[colorScheme]] as const,
    );
    const lines = found.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${help}\n  ${html}\n  ${failureSummary}`),
    );
    expect.soft(lines, `axe, ${colorScheme}, ${page.url()}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}
