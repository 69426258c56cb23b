import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import type { Page, Route } from "@playwright/test";
import type { Api } from "../support/api.ts";
import { picture } from "../support/pictures.ts";
import { expect, test } from "../support/test.ts";

const ROWS = 600;
/** Rows of a page of the CSV; the API's own have 20,000. */
const PAGE = 200;
/** Elements that a tree of any size may put in the page. */
const MOST_ELEMENTS = 150;

test("large: payloads of six megabytes, a million items, or no JSON at all are read and searched", async ({
  page,
  api,
  faults,
  open,
}) => {
  // What is no JSON is shown as it came.
  faults.expect(/status of 422 .*\/payload\?view=json/);
  const { origin, send } = await makeInbox(api);
  const orders = JSON.stringify({ orders: Array.from({ length: 21_000 }, (_, at) => order(at)) });
  const million = `{"values":[${"7,".repeat(999_999)}8]}`;
  const long = JSON.stringify({ note: `${"palavra ".repeat(400_000)}fim-do-texto` });
  const broken = `{"a": 1,\n "b": [1, 2,, 3],\n "c": "agulha"}`;
  const binary = Uint8Array.from({ length: 4_096 }, (_, at) => (at * 37) % 256);
  const ids = {
    orders: await send(orders),
    million: await send(million),
    long: await send(long),
    broken: await send(broken),
    binary: await send(binary, "application/octet-stream"),
  };
  const openPayload = async (id: string) => {
    await open(`/origins/${origin}/webhooks/${id}?tab=payload`);
    await expect(page.getByRole("searchbox", { name: "Buscar no payload" })).toBeVisible({
      timeout: 30_000,
    });
  };
  const tree = page.getByRole("tree", { name: "Payload" });

  await test.step("six megabytes: a value near the end is found and shown", async () => {
    expect(orders.length).toBeGreaterThan(5_500_000);
    await openPayload(ids.orders);
    await expect(tree.getByText("{ 1 chave }")).toBeVisible();
    await search(page, "cliente20999@example.com");
    await expect(page.getByText("1 de 1", { exact: true })).toBeVisible();
    await expect(tree.getByText('"cliente20999@example.com"')).toBeInViewport();
    await expectFew(page);
    await search(page, "$.orders[20500].id");
    await expect(tree.getByText('"ord_20500"')).toBeInViewport();
    await picture(page, "large-orders");
  });

  await test.step("a million items stand in blocks, of which one is unfolded", async () => {
    await openPayload(ids.million);
    await expect(tree.getByText("[ 1.000.000 itens ]")).toBeVisible();
    await tree.getByText("[0 … 999]", { exact: true }).click();
    await expectFew(page);
    await search(page, "$.values[999999]");
    await expect(tree.getByRole("treeitem", { selected: true })).toContainText("8");
    await expectFew(page);
    await picture(page, "large-million");
  });

  await test.step("a text of three megabytes is cut, and its end is found", async () => {
    await openPayload(ids.long);
    await expect(tree.getByText(/primeiros caracteres/)).toBeVisible();
    await search(page, "fim-do-texto");
    await expect(page.getByText("1 de 1", { exact: true })).toBeVisible();
    await expectFew(page);
    await page.getByRole("radio", { name: "Texto" }).click();
    await search(page, "fim-do-texto");
    await expect(page.getByText("fim-do-texto").last()).toBeInViewport();
    await expectFew(page);
  });

  await test.step("broken JSON says where, and is searched as text", async () => {
    await openPayload(ids.broken);
    await expect(page.getByText(/Linha 2, coluna/)).toBeVisible();
    await search(page, "agulha");
    await expect(page.getByText("1 de 1", { exact: true })).toBeVisible();
    await picture(page, "large-broken");
  });

  await test.step("bytes are shown as digits", async () => {
    await open(`/origins/${origin}/webhooks/${ids.binary}?tab=payload`);
    await expect(page.getByText(/^00000000/)).toBeVisible({ timeout: 30_000 });
    await expectFew(page);
    await picture(page, "large-binary");
  });
});

test("large: every row of the filter is in the CSV, which follows the pages to the end", async ({
  page,
  api,
  open,
}) => {
  const { origin, send } = await makeInbox(api);
  const numbers = Array.from({ length: ROWS }, (_, number) => number);
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (let number = numbers.pop(); number !== undefined; number = numbers.pop()) {
        await send(JSON.stringify({ email: `pessoa${number}@example.com`, nota: 'a "b",\nc' }));
      }
    }),
  );
  await api.until(`/v1/origins/${origin}/webhooks?limit=1`, (list) => list.count === ROWS);
  let asked = 0;
  await page.route(/[?&]format=csv/, async (route) => {
    asked += 1;
    await answerShort(route);
  });
  await open(`/origins/${origin}/webhooks`);
  await expect(page.getByRole("status").filter({ hasText: "600 webhooks" }).first()).toBeVisible({
    timeout: 40_000,
  });
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Exportar CSV" }).click();
  const saved = await saving;
  expect(saved.suggestedFilename()).toMatch(/^historico-vendas-.*\.csv$/);
  const lines = (await readFile(await saved.path(), "utf8")).trimEnd().split(/\r?\n/);
  expect(lines).toHaveLength(ROWS + 1);
  expect(new Set(lines.map((line) => /whk_[0-9a-f]{32}/.exec(line)?.[0])).size).toBe(ROWS + 1);
  expect(asked).toBe(ROWS / PAGE);
  await expect(page.getByText("CSV salvo: 600 linhas")).toBeVisible();
});

/** Cuts a page of the CSV after its first rows, with the cursor that the list gives there. */
async function answerShort(route: Route): Promise<void> {
  const response = await route.fetch();
  const records = (await response.text()).split(/(?<=\n)/);
  const list = new URL(route.request().url());
  list.searchParams.delete("format");
  list.searchParams.set("limit", String(PAGE));
  const { next } = await (await route.fetch({ url: list.href })).json();
  const { "x-next-cursor": _, ...headers } = response.headers();
  await route.fulfill({
    response,
    headers: next === null ? headers : { ...headers, "x-next-cursor": next },
    body: records.slice(0, PAGE + 1).join(""),
  });
}

/** An integration that keeps what it gets without processing it. */
async function makeInbox(api: Api) {
  const { id: origin } = await api.post("/v1/origins", { name: "Vendas", stages: ["Novo"] });
  const integration = await api.post("/v1/integrations", {
    origin,
    application: "webhook",
    name: "Formulário",
    active: false,
  });
  const { url } = await api.get(`/v1/integrations/${integration.id}/url`);
  const send = async (body: string | Uint8Array<ArrayBuffer>, type = "application/json") => {
    // The front door takes six megabytes with everything around the body, so that a large one comes compressed.
    const packed = body.length > 4_000_000 ? gzipSync(body) : null;
    const headers = {
      "content-type": type,
      ...(packed ? { "content-encoding": "gzip" } : {}),
    };
    const answer = await fetch(String(url), { method: "POST", headers, body: packed ?? body });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    return ((await answer.json()) as { id: string }).id;
  };
  return { origin, send };
}

function order(at: number) {
  return {
    id: `ord_${at}`,
    total: (at * 37.5).toFixed(2),
    buyer: {
      name: `Cliente ${at} "da Silva"`,
      email: `cliente${at}@example.com`,
      phone: "+5511987654321",
    },
    tags: ["novo", "site"],
    items: [{ sku: `A-${at}`, quantity: at % 7, price: at / 4 }],
    address: { street: "Rua das Laranjeiras", number: at, city: "São Paulo", region: "SP" },
    shipped: at % 2 === 0,
    note: null,
  };
}

async function search(page: Page, text: string): Promise<void> {
  const field = page.getByRole("searchbox", { name: "Buscar no payload" });
  await field.fill(text);
  await field.press("Enter");
}

/** Only what is on the screen may be in the page. */
async function expectFew(page: Page): Promise<void> {
  const count = await page.getByRole("tabpanel").locator("*").count();
  expect(count).toBeLessThanOrEqual(MOST_ELEMENTS);
}
