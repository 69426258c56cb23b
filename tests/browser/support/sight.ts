import { expect, type Page } from "@playwright/test";

/** Waits until what has the focus is on the screen whole, and no bar or message lies on it (WCAG 2.4.11). */
export async function expectFocusInSight(page: Page): Promise<void> {
  const hidden = () =>
    page.evaluate(() => {
      const focused = document.activeElement;
      if (!focused || focused === document.body) return "nothing has the focus";
      const { left, right, top, bottom } = focused.getBoundingClientRect();
      const corners = [left + 3, right - 3].flatMap((x) =>
        [top + 3, bottom - 3].map((y) => ({ x, y })),
      );
      const covering = corners
        .map(({ x, y }) => document.elementFromPoint(x, y))
        .find((shown) => !shown || !(focused.contains(shown) || shown.contains(focused)));
      return covering === undefined
        ? ""
        : (covering?.outerHTML.slice(0, 200) ?? "beyond the screen");
    });
  await expect.poll(hidden, "what covers the element with the focus").toBe("");
}
