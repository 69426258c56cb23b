import type { Page } from "@playwright/test";
import { Api } from "../support/api.ts";
import { expectAccessible } from "../support/axe.ts";
import { picture } from "../support/pictures.ts";
import { broken, cutsOf, keysOf, textsOf } from "../support/reading.ts";
import { SCREENS, type Screen } from "../support/screens.ts";
import { furnish, type Showroom } from "../support/showroom.ts";
import { test as base, expect, workspaceOf } from "../support/test.ts";
import { foreignTo, type Language, sayingsOf, WORDS } from "../support/words.ts";

type OfWorker = { furnished: { key: string; room: Showroom } };

const test = base.extend<object, OfWorker>({
  furnished: [
    async ({ host }, use) => {
      const made = await new Api({ base: host.base, key: host.ownerKey }).post("/v1/workspaces", {
        name: "Loja da Ana",
        time_zone: "America/Sao_Paulo",
      });
      const { key } = made.key as { key: string };
      const room = await furnish(new Api({ base: host.base, key }), workspaceOf(key), host.inbox);
      await use({ key, room });
    },
    { scope: "worker", timeout: 180_000 },
  ],
  key: async ({ furnished }, use) => use(furnished.key),
});

test.describe.configure({ mode: "parallel" });
// A test looks at some ten screens, each in four sizes and, with axe and for the pictures, in two themes.
test.setTimeout(180_000);

const SAYINGS = { pt: sayingsOf(WORDS.pt), en: sayingsOf(WORDS.en) };
const KEYS = new Set(keysOf(WORDS.pt).filter((key) => key.includes(".")));
/** Widths that CONSOLE.md names, and a window of 1366 px at 200 %. */
const WINDOWS = [
  { width: 360, height: 740 },
  { width: 683, height: 384 },
  { width: 768, height: 1024 },
  { width: 1366, height: 768 },
];

for (const [area, screens] of Object.entries(SCREENS)) {
  for (const language of ["pt", "en"] as const) {
    test(`languages: ${area.toLowerCase()} in ${language}`, async ({
      page,
      open,
      furnished,
      faults,
    }) => {
      // The address of a thing that is not there answers 404, which the browser logs.
      faults.expect(/404/);
      await page.addInitScript((chosen) => {
        const kept = JSON.parse(localStorage.getItem("gancho-preferences") ?? "{}") as object;
        localStorage.setItem("gancho-preferences", JSON.stringify({ ...kept, language: chosen }));
      }, language);
      await open("/");
      await expect(page.getByRole("main")).toBeVisible();
      for (const screen of screens) {
        await test.step(screen.name, async () => {
          await show(page, screen, furnished.room, language);
          await expectReadable(page, screen, language);
          if (language === "pt") {
            await picture(page, screen.name);
            await expectAccessible(page);
          }
        });
      }
    });
  }
}

/** Goes to a screen as a link does, without loading the page again. */
async function show(page: Page, screen: Screen, room: Showroom, language: Language): Promise<void> {
  const at = { page, words: WORDS[language], room };
  const path = screen.path(room);
  const href = path.startsWith("/console/") ? path : `/console/w/${room.ws}${path}`;
  await closeAll(page);
  // As a step forward of the browser: without loading the page again.
  await page.evaluate((to) => {
    history.pushState(null, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
  }, href);
  await expect(screen.ready(at)).toBeVisible({ timeout: 30_000 });
  await screen.open?.(at);
  await expect(page.getByText(at.words.common.loading, { exact: true })).toHaveCount(0, {
    timeout: 30_000,
  });
}

/** Closes what is open above the screen before. A search that holds a text takes the first Escape. */
async function closeAll(page: Page): Promise<void> {
  const open = page
    .locator("[role=dialog], [role=alertdialog], [role=menu]")
    .filter({ visible: true });
  await expect(async () => {
    await page.keyboard.press("Escape");
    await expect(open).toHaveCount(0, { timeout: 500 });
  }).toPass({ timeout: 30_000 });
}

async function expectReadable(page: Page, screen: Screen, language: Language): Promise<void> {
  const other = language === "pt" ? "en" : "pt";
  const texts = await textsOf(page);
  expect.soft(broken(texts, KEYS), `${screen.name}: missing texts`).toEqual([]);
  const foreign = foreignTo(SAYINGS[language], SAYINGS[other], texts);
  expect.soft(foreign, `${screen.name}: texts of the other language`).toEqual([]);
  for (const window of WINDOWS) {
    await page.setViewportSize(window);
    expect.soft(await cutsOf(page), `${screen.name} at ${window.width} px`).toEqual([]);
  }
}
