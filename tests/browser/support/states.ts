import type { Page, Route } from "@playwright/test";
import { expect } from "@playwright/test";
import { expectAccessible } from "./axe.ts";
import { picture } from "./pictures.ts";

/** Holds calls back until it is told to let them go. */
export type Hold = { route: (route: Route) => Promise<void>; release: () => void };

export function hold(): Hold {
  const gate = Promise.withResolvers<void>();
  return {
    route: async (route) => {
      await gate.promise;
      await route.fallback();
    },
    release: () => gate.resolve(),
  };
}

/** Answers with the refusal that the gateway gives when a function fails. */
export const fail = (route: Route) =>
  route.fulfill({
    status: 500,
    headers: { "apigw-requestid": "Fk2XjhPKIAMEPaw=" },
    contentType: "application/json",
    body: '{"message":"Internal Server Error"}',
  });

/** Looks at a state: nothing for axe to find, and a picture for people. */
export async function look(page: Page, name: string): Promise<void> {
  await expectAccessible(page);
  await picture(page, name);
}

/** A control that the role may not use is there, cannot be used, and says why. */
export async function expectDenied(page: Page, name: string): Promise<void> {
  const main = page.getByRole("main");
  const control = main.getByRole("button", { name }).or(main.getByRole("switch", { name })).first();
  await expect(control).toHaveAttribute("aria-disabled", "true");
  // A tip opens for a pointer that moves, not for one that is there from the beginning.
  await page.mouse.move(1, 1);
  await control.hover();
  await expect(page.getByRole("tooltip")).toHaveText(/^Só quem (opera|administra)/);
  await page.mouse.move(0, 0);
  await expect(page.getByRole("tooltip")).toHaveCount(0);
}
