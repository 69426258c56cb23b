import type { Page, Request } from "@playwright/test";
import { expectAccessible } from "../support/axe.ts";
import { makeForm, processed } from "../support/make.ts";
import { picture } from "../support/pictures.ts";
import { expect, test } from "../support/test.ts";

/** The top of an element on the screen, in pixels. */
async function topOf(page: Page, text: string): Promise<number> {
  const box = await page.getByRole("row").filter({ hasText: text }).first().boundingBox();
  if (!box) throw new Error(`no row with ${text} is drawn`);
  return box.y;
}

/** Tells the page that its tab is hidden, or shown again. A headless browser hides none by itself. */
async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate(
    (state) => {
      Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
      Object.defineProperty(document, "hidden", { value: state === "hidden", configurable: true });
      document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    },
    hidden ? "hidden" : "visible",
  );
}

/** Resolves once the page has asked for the newest rows again, and got them. */
const asked = (page: Page, list: string) =>
  page.waitForResponse((answer) => isListRequest(answer.request(), list) && answer.ok());

const isListRequest = (request: Request, list: string) =>
  new URL(request.url()).pathname.endsWith(list);

const liveSwitch = (page: Page) => page.getByRole("switch", { name: "Ao vivo" });

/** The switch that people press is the label of an input that nobody sees. */
const press = (page: Page) => page.getByText("Ao vivo", { exact: true }).click();

test("live: two hundred webhooks come while a row is read, and the row stays where it is", async ({
  page,
  api,
  open,
}) => {
  const { origin, url } = await makeForm(api);
  const send = (name: string) => api.webhook(url, { email: `${name}@example.com`, titulo: name });
  const counter = (text: string) =>
    expect(page.getByRole("status").filter({ hasText: text })).toBeVisible();
  for (let n = 0; n < 20; n += 1) await send(`antes-${n}`);
  await processed(api, origin, 20);
  await open(`/origins/${origin}/webhooks`);
  await counter("20 webhooks");

  await test.step("nobody reads: what comes slides in at the top", async () => {
    await press(page);
    await expect(page).toHaveURL(/[?&]live=1/);
    await page.mouse.move(0, 0);
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await send("primeiro");
    await expect(page.getByRole("row")).toHaveCount(22);
    await counter("21 webhooks");
    await expect(page.getByRole("button", { name: /novo/ })).toHaveCount(0);
  });

  const read = page.getByRole("row").nth(5);
  const id = await read.getAttribute("data-key");
  const place = async () => (await page.locator(`[data-key="${id}"]`).boundingBox())?.y;

  await test.step("the pointer is on a row: it does not move, and a button counts", async () => {
    await read.hover();
    const before = await place();
    await Promise.all(Array.from({ length: 7 }, (_, n) => send(`depois-${n}`)));
    await expect(page.getByRole("button", { name: "7 novos webhooks" })).toBeVisible();
    await counter("28 webhooks");
    expect(await place()).toBe(before);
    await picture(page, "live-waiting");
    await read.hover();
    // Eight senders at a time; the page asks meanwhile.
    const numbers = Array.from({ length: 193 }, (_, n) => n);
    const worker = async () => {
      for (let n = numbers.pop(); n !== undefined; n = numbers.pop()) await send(`muitos-${n}`);
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    await expect(page.getByRole("button", { name: "Mais de 50 novos webhooks" })).toBeVisible();
    await processed(api, origin, 221);
    await counter("221 webhooks");
    expect(await place()).toBe(before);
    await expect(page.getByRole("row")).toHaveCount(22);
  });

  await test.step("the button shows them, newest first, and the next page continues", async () => {
    await page.getByRole("button", { name: "Mais de 50 novos webhooks" }).click();
    await expect(page.getByRole("button", { name: /novos webhooks/ })).toHaveCount(0);
    await expect(page.locator(`[data-key="${id}"]`)).toHaveCount(0);
    await expect(page.getByRole("row")).toHaveCount(51);
    await page.getByRole("button", { name: "Carregar mais" }).scrollIntoViewIfNeeded();
    await expect
      .poll(() => page.getByRole("row").count(), { timeout: 30_000 })
      .toBeGreaterThanOrEqual(101);
    const newest = await api.get(`/v1/origins/${origin}/webhooks?limit=100`);
    const ids = (newest.items as { id: string }[]).map((one) => one.id);
    const keys = await page
      .locator("tr[data-key]")
      .evaluateAll((rows) => rows.map((row) => row.getAttribute("data-key")));
    expect(keys.slice(0, 100)).toEqual(ids);
  });

  await test.step("an open webhook is read too: the list behind it does not move", async () => {
    await page.mouse.move(0, 0);
    await page.getByRole("row").nth(2).getByText("Sucesso").click();
    await expect(page.getByRole("dialog")).toBeVisible();
    const first = await page.locator("tr[data-key]").first().getAttribute("data-key");
    await send("atras");
    await asked(page, "/webhooks");
    await asked(page, "/webhooks");
    expect(await page.locator("tr[data-key]").first().getAttribute("data-key")).toBe(first);
    await page.keyboard.press("Escape");
  });
});

test("live: a hidden tab asks nothing, and an hour without key or pointer switches it off", async ({
  page,
  api,
  open,
}) => {
  const origin = await api.post("/v1/origins", { name: "Vendas", stages: [{ name: "Novo" }] });
  await page.clock.install();
  await open(`/origins/${origin.id}/webhooks?live=1`);
  await expect(liveSwitch(page)).toBeChecked();
  await asked(page, "/webhooks");

  await test.step("hidden for a minute: no request; shown again: at once", async () => {
    await setHidden(page, true);
    let requests = 0;
    page.on("request", () => {
      requests += 1;
    });
    await page.clock.runFor("01:00");
    expect(requests).toBe(0);
    const again = asked(page, "/webhooks");
    await setHidden(page, false);
    await again;
  });

  await page.clock.fastForward("58:00");
  await expect(liveSwitch(page)).toBeChecked();
  await page.keyboard.press("Shift");
  await page.clock.fastForward("59:00");
  await expect(liveSwitch(page)).toBeChecked();
  await page.mouse.move(300, 300);
  await page.clock.fastForward("59:00");
  await expect(liveSwitch(page)).toBeChecked();
  await page.clock.fastForward("01:01");
  await expect(liveSwitch(page)).not.toBeChecked();
  await expect(page).not.toHaveURL(/live=/);
  await expect(page.getByText("Ao vivo foi desligado")).toBeVisible();
});

test("live: deliveries come as webhooks do, without moving the one that is read", async ({
  page,
  api,
  host,
  open,
}) => {
  const endpoint = await api.post("/v1/endpoints", {
    name: "ERP",
    url: host.inbox.replace("inbox.", "live."),
  });
  await api.post("/v1/rules", {
    name: "Despachos",
    filter: { types: ["order.dispatched"] },
    target: { endpoint: endpoint.id },
    method: "POST",
    body: "standard",
  });
  // A rule takes effect within five seconds (D21); no request shows when.
  await new Promise((go) => setTimeout(go, 5_500));
  const publish = (from: number, to: number) =>
    Promise.all(
      Array.from({ length: to - from }, (_, n) =>
        api.post("/v1/events", {
          type: "order.dispatched",
          subject: `PED-${from + n}`,
          data: { order_number: `PED-${from + n}` },
        }),
      ),
    );
  const sent = (count: number) =>
    api.until("/v1/deliveries?state=success&limit=1", (list) => list.count === count);
  await publish(0, 10);
  await sent(10);
  await open("/deliveries?live=1");
  await expect(page.getByRole("row")).toHaveCount(11);
  await page.getByRole("row").filter({ hasText: "PED-4" }).hover();
  const before = await topOf(page, "PED-4");
  await publish(10, 16);
  await sent(16);
  await expect(page.getByRole("button", { name: "6 novos disparos" })).toBeVisible();
  await expect(page.getByRole("tab", { name: /Todos os envios/ })).toContainText("16");
  expect(await topOf(page, "PED-4")).toBe(before);
  await picture(page, "live-deliveries");
  await expectAccessible(page);
  await page.getByRole("button", { name: "6 novos disparos" }).click();
  await expect(page.getByRole("row")).toHaveCount(17);
  await page.mouse.move(0, 0);
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await publish(16, 17);
  await expect(page.getByRole("row")).toHaveCount(18);
});

test("live: a list that is not live is counted again after its newest row came", async ({
  page,
  api,
  open,
}) => {
  const { origin, url } = await makeForm(api);
  for (let n = 0; n < 3; n += 1) {
    await api.webhook(url, { email: `${n}@example.com`, titulo: `${n}` });
  }
  await processed(api, origin, 3);
  // The first answer is that of a busy machine: its counters do not know the newest row yet.
  let answers = 0;
  await page.route(/\/v1\/origins\/[^/]+\/webhooks\?/, async (route) => {
    const answer = await route.fetch();
    const list = (await answer.json()) as { count: number; items: { received_at: string }[] };
    answers += 1;
    const now = new Date().toISOString();
    const early = {
      ...list,
      count: 2,
      items: list.items.map((row) => ({ ...row, received_at: now })),
    };
    await route.fulfill({ response: answer, json: answers === 1 ? early : list });
  });
  await open(`/origins/${origin}/webhooks`);
  const counter = page.getByRole("status").filter({ hasText: "webhooks" });
  await expect(counter.filter({ hasText: "2 webhooks" })).toHaveAttribute("title", "Atualizando");
  await expect(counter.filter({ hasText: "3 webhooks" })).toBeVisible();
  expect(answers).toBeGreaterThanOrEqual(2);
});
