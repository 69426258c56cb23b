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
  for (const scheme of ["light", "dark"] as const) {
    expect.soft(await findings(page, scheme), `axe, ${scheme}, ${page.url()}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}

/** The findings of axe on the page in a theme, an entry for each element. */
export async function findings(page: Page, colorScheme: "light" | "dark"): Promise<string[]> {
  await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
  // Colours that are on their way from the other theme have no contrast of their own.
  await page.evaluate(() => {
    for (const one of document.getAnimations()) if (one instanceof CSSTransition) one.finish();
  });
  // The debugger evaluates the source outside of the page's policy.
  await page.evaluate(SOURCE);
  const found = await inFlow(page, () =>
    page.evaluate(
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
    ),
  );
  return found.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}\n  ${html}\n  ${failureSummary}`),
  );
}

/**
 * Lays what stays in place while the page scrolls below it (sticky bars and columns, passing messages) where nothing
 * lies below it. axe takes a control that a bar covers in part for a small target, and so its finding would depend on
 * how far the page is scrolled. The size of a target (WCAG 2.5.8) does not: what is half below the bar is whole after
 * the next scroll. That nothing stands below a bar when it takes the focus (2.4.11) is asked by `support/sight.ts`.
 */
async function inFlow<T>(page: Page, run: () => Promise<T>): Promise<T> {
  const undo = await page.evaluateHandle(() => {
    const laid: [HTMLElement, string][] = [];
    const lay = (one: HTMLElement, rules: Record<string, string>) => {
      for (const [name, value] of Object.entries(rules)) {
        one.style.setProperty(name, value, "important");
        laid.push([one, name]);
      }
    };
    const end = `${document.documentElement.scrollHeight}px`;
    for (const one of document.querySelectorAll<HTMLElement>("body *")) {
      const { position } = getComputedStyle(one);
      if (position === "sticky") lay(one, { position: "relative", inset: "auto" });
      const passes = position === "fixed" && one.querySelector(":scope > [aria-live]") !== null;
      if (passes) lay(one, { position: "absolute", inset: `${end} 0 auto auto` });
    }
    return () => {
      for (const [one, name] of laid) one.style.removeProperty(name);
    };
  });
  try {
    return await run();
  } finally {
    await undo.evaluate((restore) => restore());
  }
}
