import type { Browser, Page } from "@playwright/test";
import { seedInbound } from "../support/seed.ts";
import { expect, test } from "../support/test.ts";
import { measure } from "./measure.ts";
import { markFrame, slowDown, timeOf } from "./pages.ts";

const ROWS = "[role=grid] [role=row]";
/** The rows of a page, with the heads of the columns. */
const FIFTY = 51;
const TWO_HUNDRED = 201;

async function signedIn(browser: Browser, base: string, key: string): Promise<Page> {
  const context = await browser.newContext({ baseURL: base, locale: "pt-BR" });
  const page = await context.newPage();
  await page.request.post("/console/session", {
    data: { key },
    headers: { "x-gancho": "console" },
  });
  await markFrame(page, "rows", ROWS, FIFTY);
  return page;
}

test("a first visit to the history", async ({ browser, host, api, key, workspace }) => {
  const { origin } = await seedInbound(api);
  const address = `/console/w/${workspace}/origins/${origin}/webhooks`;

  await measure(
    [
      { name: "first contentful paint of a slow first visit", unit: "ms", budget: 1_500 },
      { name: "50 rows shown in a slow first visit", unit: "ms", budget: 2_200 },
    ],
    async () => {
      const page = await signedIn(browser, host.base, key);
      await slowDown(page);
      await page.goto(address);
      const times = [await timeOf(page, "first-contentful-paint"), await timeOf(page, "rows")];
      await page.context().close();
      return times;
    },
  );

  const page = await signedIn(browser, host.base, key);
  await measure(
    [{ name: "50 rows shown on the local host, warm", unit: "ms", budget: 800 }],
    async () => {
      await page.goto(address);
      return [await timeOf(page, "rows")];
    },
  );
  await page.context().close();
});

test("a filter and many rows", async ({ page, api, open }) => {
  const { origin } = await seedInbound(api, 200);
  const answers = new Map<string, Buffer>();
  // The answers come at once, as the budget says: each is that of the warm-up.
  await page.route(/\/webhooks\?.*status=error/, async (route) => {
    const url = route.request().url();
    const body = answers.get(url) ?? (await (await route.fetch()).body());
    answers.set(url, body);
    await route.fulfill({ body, contentType: "application/json" });
  });
  await page.addInitScript(() => {
    addEventListener("pointerdown", () => performance.mark("pressed"), true);
  });
  await measure([{ name: "filter changed to rows shown", unit: "ms", budget: 150 }], async () => {
    await open(`/origins/${origin}/webhooks`);
    await expect(page.locator(ROWS)).toHaveCount(FIFTY);
    await page.getByRole("button", { name: "Status" }).click();
    const shown = page.evaluate((rows) => {
      return new Promise<number>((done) => {
        const before = document.querySelectorAll(rows).length;
        const look = () => {
          const pressed = performance.getEntriesByName("pressed").at(-1)?.startTime ?? NaN;
          const now = document.querySelectorAll(rows).length;
          if (now === before || now < 2) requestAnimationFrame(look);
          else done(performance.now() - pressed);
        };
        requestAnimationFrame(look);
      });
    }, ROWS);
    await page.getByRole("option", { name: "Erro" }).click();
    return [await shown];
  });

  await open(`/origins/${origin}/webhooks`);
  const rows = page.locator(ROWS);
  await expect(async () => {
    await rows.last().scrollIntoViewIfNeeded();
    expect(await rows.count()).toBeGreaterThanOrEqual(TWO_HUNDRED);
  }).toPass();
  const elements = async () => [await page.locator("*").count()];
  await measure([{ name: "elements with 200 rows", unit: "elements", budget: 6_000 }], elements, 1);
});
