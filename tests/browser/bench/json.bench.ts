import type { Page } from "@playwright/test";
import { indexJson } from "../../../functions/console/web/src/lib/jsonIndex.ts";
import type { Api } from "../support/api.ts";
import { expect, test } from "../support/test.ts";
import { measure, quantile } from "./measure.ts";
import { clickTime, heapMegabytes, markFrame, timeOf } from "./pages.ts";

const ROW = "[role=treeitem]";
const FOLDED = `${ROW}[aria-expanded=false]`;
const UNFOLDED = `${ROW}[aria-expanded=true]`;
const SIX_MEGABYTES = 6_000_000;
/** The most that the gateway takes of such a body: its event has a backslash before each quotation mark. */
const LARGEST = 5_000_000;
const MILLION = `{"values":[${"7,".repeat(999_999)}8]}`;
const TURNS = 40;

function orders(bytes: number): string {
  const items: string[] = [];
  for (let size = 0; size < bytes - 400; size += items.at(-1)?.length ?? 0) {
    const number = items.length;
    items.push(
      JSON.stringify({
        id: `ord_${number}`,
        total: (number * 37.5).toFixed(2),
        buyer: { name: `Cliente ${number} "da Silva"`, email: `cliente${number}@example.com` },
        tags: ["novo", "site"],
        items: [{ sku: `A-${number}`, quantity: number % 7, price: number / 3 }],
        shipped: number % 2 === 0,
        note: null,
      }),
    );
  }
  return `{"orders":[${items.join(",")}]}`;
}

/** Makes an origin with one webhook for each body; returns its path and theirs. */
async function received(api: Api, bodies: readonly string[]) {
  const stages = [{ name: "Novo" }];
  const origin = await api.post("/v1/origins", { name: "Grandes", stages });
  const made = { origin: origin.id, application: "webhook", name: "Pedidos" };
  const integration = await api.post("/v1/integrations", made);
  const { url } = await api.get(`/v1/integrations/${integration.id}/url`);
  const list = `/origins/${origin.id}/webhooks`;
  const webhooks: string[] = [];
  for (const body of bodies) webhooks.push(`${list}/${await api.webhook(String(url), body)}`);
  await api.until(`/v1${list}?status=pending&limit=1`, (page) => page.count === 0);
  return { list, webhooks };
}

/** Milliseconds from the last byte of the payload to the first frame with its tree. */
async function treeTime(page: Page): Promise<number> {
  const tree = await timeOf(page, "tree");
  const last = await page.evaluate(() => {
    const read = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
    const ends = read.filter(({ name }) => name.includes("/payload")).map((one) => one.responseEnd);
    return Math.max(...ends);
  });
  return tree - last;
}

test("a large JSON", async ({ page, api, faults, open }) => {
  // The API reads no list of a million values; the viewer shows the body as it came.
  faults.expect(/status of 422 .*\/payload\?view=json/);
  const text = orders(SIX_MEGABYTES);
  await measure([{ name: "6 MB of JSON: index", unit: "ms", budget: 300 }], async () => {
    const from = performance.now();
    expect(indexJson(text).ok).toBe(true);
    return [performance.now() - from];
  });

  const { webhooks } = await received(api, [orders(LARGEST), MILLION]);
  const show = async (webhook: string | undefined) => {
    await open(`${webhook}?tab=payload`);
    return treeTime(page);
  };
  await markFrame(page, "tree", ROW, 1);
  await measure(
    [
      { name: "largest payload (5 MB): last byte to tree", unit: "ms", budget: 500 },
      { name: "largest payload (5 MB): unfold", unit: "ms", budget: 100 },
    ],
    async () => [await show(webhooks[0]), await clickTime(page, FOLDED, FOLDED)],
  );

  const moved = await scrolled(page);
  const one = (value: number) => async () => [value];
  await measure(
    [{ name: "longest task while unfolding and scrolling", unit: "ms", budget: 100 }],
    one(moved.longest),
    1,
  );
  await measure(
    [{ name: "frames while scrolling, p95", unit: "ms", budget: 25 }],
    one(moved.frame),
    1,
  );
  const inTree = await page.locator("[role=tree] *").count();
  await measure(
    [{ name: "elements in an open tree", unit: "elements", budget: 150 }],
    one(inTree),
    1,
  );

  await measure(
    [{ name: "list of 1,000,000: unfold a block", unit: "ms", budget: 250 }],
    async () => {
      await show(webhooks[1]);
      return [await clickTime(page, FOLDED, UNFOLDED)];
    },
  );
});

/** Unfolds rows of the tree and scrolls through it; the longest task, and the time between most frames. */
async function scrolled(page: Page) {
  await page.evaluate(() => {
    const seen = { tasks: [0], frames: [] as number[] };
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.tasks.push(duration);
    }).observe({ type: "longtask" });
    let last = performance.now();
    const frame = (now: number) => {
      seen.frames.push(now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    Object.assign(globalThis, { seen });
  });
  await page.locator(ROW).first().hover();
  for (let turn = 0; turn < TURNS; turn += 1) {
    if (turn % 4 === 0) await page.locator(FOLDED).first().click();
    await page.mouse.wheel(0, 400);
  }
  const { tasks, frames } = await page.evaluate(() => {
    const { seen } = globalThis as unknown as { seen: { tasks: number[]; frames: number[] } };
    return seen;
  });
  return { longest: Math.max(...tasks), frame: quantile(frames, 0.95) };
}

test("twenty large payloads are opened and closed", async ({ page, api, open }) => {
  const { list } = await received(
    api,
    Array.from({ length: 20 }, () => orders(LARGEST)),
  );
  await open(list);
  const rows = page.getByRole("row").filter({ hasText: "Pedidos" });
  await expect(rows).toHaveCount(20);
  for (let number = 0; number < 20; number += 1) {
    await rows.nth(number).getByText("Pedidos").click();
    await page.getByRole("tab", { name: "Payload" }).click();
    await expect(page.locator(ROW).first()).toBeVisible({ timeout: 60_000 });
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
  }
  const held = await heapMegabytes(page);
  await measure(
    [{ name: "memory after 20 large payloads", unit: "MB", budget: 150 }],
    async () => [held],
    1,
  );
});
