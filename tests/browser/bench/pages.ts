import type { Page } from "@playwright/test";

const MEGABIT = 1_000_000 / 8;

/** Makes the page as slow as a phone on a mobile network: a quarter of the processor, 60 ms, 10 Mbit/s. */
export async function slowDown(page: Page): Promise<void> {
  const browser = await page.context().newCDPSession(page);
  await browser.send("Network.enable");
  await browser.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 60,
    downloadThroughput: 10 * MEGABIT,
    uploadThroughput: 10 * MEGABIT,
  });
  await browser.send("Emulation.setCPUThrottlingRate", { rate: 4 });
}

/** Marks, in each document that the page loads, the first frame with `count` elements of a selector. */
export async function markFrame(page: Page, mark: string, selector: string, count: number) {
  await page.addInitScript(
    ([name, wanted, least]) => {
      const look = () => {
        if (document.querySelectorAll(wanted).length >= least) performance.mark(name);
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    },
    [mark, selector, count] as const,
  );
}

/** Milliseconds from the start of the navigation to a mark or the first contentful paint. */
export async function timeOf(page: Page, name: string): Promise<number> {
  await page.waitForFunction((mark) => performance.getEntriesByName(mark).length > 0, name);
  return page.evaluate((mark) => performance.getEntriesByName(mark)[0]?.startTime ?? NaN, name);
}

/** Milliseconds from the click on an element to the first frame in which `selector` has another number of elements. */
export function clickTime(page: Page, clicked: string, selector: string): Promise<number> {
  return page.evaluate(
    ([target, counted]) =>
      new Promise<number>((done, fail) => {
        const element = document.querySelector<HTMLElement>(target);
        if (!element) return fail(new Error(`there is no ${target}`));
        const count = () => document.querySelectorAll(counted).length;
        const before = count();
        const from = performance.now();
        const look = () => {
          if (count() === before) requestAnimationFrame(look);
          else done(performance.now() - from);
        };
        element.click();
        requestAnimationFrame(look);
      }),
    [clicked, selector] as const,
  );
}

/** Megabytes that the page's scripts hold after a collection, with what their buffers hold. */
export async function heapMegabytes(page: Page): Promise<number> {
  const browser = await page.context().newCDPSession(page);
  await browser.send("HeapProfiler.collectGarbage");
  const used: Record<string, number> = { ...(await browser.send("Runtime.getHeapUsage")) };
  await browser.detach();
  return ((used.usedSize ?? 0) + (used.backingStorageSize ?? 0)) / 1_000_000;
}
