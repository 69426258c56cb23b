import { expect, type Locator, type Page } from "@playwright/test";

/** Presses keys one after the other; after each, what has the focus shows it. */
export async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) {
    await page.keyboard.press(key);
    await expect.poll(() => page.evaluate(unseenFocus), { message: `focus after ${key}` }).toBe("");
  }
}

/** Presses Tab (or `key`) until `wanted` has the focus; fails after `most` presses. */
export async function pressUntil(
  page: Page,
  wanted: Locator,
  { key = "Tab", most = 60 } = {},
): Promise<void> {
  for (let times = 0; times < most; times += 1) {
    const before = await page.evaluateHandle(() => document.activeElement);
    await press(page, key);
    await expect
      .poll(() => before.evaluate((one) => one !== document.activeElement), { message: key })
      .toBe(true);
    if (await wanted.evaluateAll((all) => all.some((one) => one === document.activeElement)))
      return;
  }
  const now = await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 300));
  throw new Error(`${most} times ${key} did not lead to ${wanted}; the focus is on ${now}`);
}

/** The markup of what has the focus without an outline; empty where the focus is seen, or nothing has it. */
function unseenFocus(): string {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return "";
  // A dialog that has the focus as a whole is what is seen.
  if (focused.matches("[role=dialog], [role=alertdialog]")) return "";
  const shown = document.getElementById(focused.getAttribute("aria-activedescendant") ?? "");
  // The field around an input, or the label around a box that is not drawn, shows it.
  let place: Element | null = shown ?? focused;
  for (let up = 0; place && up < 4; up += 1) {
    const { outlineStyle, outlineWidth } = getComputedStyle(place);
    if (outlineStyle !== "none" && Number.parseFloat(outlineWidth) > 0) return "";
    place = place.parentElement;
  }
  return focused.outerHTML.slice(0, 400);
}
