import type { Page } from "@playwright/test";
import { type Api, items, type Row } from "../support/api.ts";
import { expectAccessible } from "../support/axe.ts";
import { picture } from "../support/pictures.ts";
import { rulesTakeEffect } from "../support/seed.ts";
import { expect, test } from "../support/test.ts";

const KEY = "NF/2026-7";

/** A form, and an endpoint that fails once and then takes everything; orders and deals are sent to it. */
async function seed(api: Api, inbox: string) {
  await api.put("/_local/inbox/erp", { status: 500, body: "sem estoque", times: 1 });
  const origin = await api.post("/v1/origins", { name: "Vendas", stages: [{ name: "Novo" }] });
  const form = await api.post("/v1/integrations", {
    origin: origin.id,
    application: "webhook",
    name: "Loja",
    mapping: {
      fields: [
        { target: "contact.email", path: "$.email", required: true },
        { target: "deal.title", path: "$.assunto" },
      ],
      keys: ["$.nota"],
    },
  });
  const endpoint = await api.post("/v1/endpoints", {
    name: "ERP",
    url: inbox.replace("inbox.", "erp."),
    policy: { waits: [1, 1], jitter_percent: 0 },
  });
  for (const [name, type] of [
    ["Despachos", "order.dispatched"],
    ["Novos negócios", "deal.created"],
  ]) {
    await api.post("/v1/rules", {
      name,
      filter: { types: [type] },
      target: { endpoint: endpoint.id },
      method: "POST",
      body: "standard",
    });
  }
  await rulesTakeEffect();
  return { origin, url: String((await api.get(`/v1/integrations/${form.id}/url`)).url) };
}

/** The webhook of the invoice, then the event of its dispatch, whose delivery needs two attempts. */
async function oneInvoice(api: Api, { origin, url }: { origin: Row; url: string }) {
  const body = { email: "ana@example.com", assunto: "Pedido da Ana", nota: KEY };
  await api.webhook(url, body);
  const found = await api.until(`/v1/origins/${origin.id}/webhooks?status=success`, (page) =>
    items(page).some((row) => row.deal !== null),
  );
  const { deal } = items(found)[0] as unknown as { deal: Row };
  await api.until(`/v1/deliveries?subject=${deal.id}&state=success`, (page) => page.count === 1);
  await api.put("/_local/inbox/erp", { status: 500, body: "sem estoque", times: 1 });
  await api.post("/v1/events", {
    type: "order.dispatched",
    subject: KEY,
    subject_status: "Despachado",
    data: { order_number: KEY, tracking_code: "BR7" },
  });
  const key = encodeURIComponent(KEY);
  await api.until(`/v1/deliveries?subject=${key}&state=success`, (page) => page.count === 1);
  return deal;
}

/** The titles of the timeline, from its top. */
function titles(page: Page) {
  return page.getByRole("main").getByRole("listitem").getByRole("link");
}

/** The text of the clipboard, pasted where a person can paste: no page may read it. */
async function pasted(page: Page): Promise<string> {
  await page.keyboard.press("Control+k");
  const field = page.getByRole("searchbox", { name: "Buscar ou ir para" });
  await field.press("Control+v");
  await expect(field).toHaveValue(/^http.*\/deliveries\/dlv_\w+\?attempt=1$/);
  return field.inputValue();
}

async function expectInvoice(page: Page) {
  await expect(page).toHaveURL(new RegExp(`/subjects\\?key=${KEY}$`));
  await expect(page.getByRole("heading", { name: KEY })).toBeVisible();
  await expect(page.getByRole("link", { name: "Webhook recebido" })).toBeVisible();
}

test("subject: one key from its webhook to the second attempt of its delivery", async ({
  page,
  api,
  host,
  open,
}) => {
  const deal = await oneInvoice(api, await seed(api, host.inbox));

  await test.step("from the palette", async () => {
    await open("/");
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await page.keyboard.press("Control+k");
    await page.getByRole("searchbox", { name: "Buscar ou ir para" }).fill(KEY);
    await page.getByRole("menuitem", { name: `Linha do tempo de “${KEY}”` }).click();
    await expectInvoice(page);
  });

  await test.step("newest first: the dispatch with its delivery, and below it the webhook", async () => {
    await expect(titles(page)).toContainText(["Pedido despachado", "Disparo", "Webhook recebido"]);
    await expect(page.getByText("Despachado").first()).toBeVisible();
    await picture(page, "timeline");
    await expectAccessible(page);
  });

  await test.step("the attempts are unfolded in their order, and the second leads to itself", async () => {
    await page.getByRole("button", { name: "2 tentativas" }).click();
    const attempts = page.getByRole("list", { name: "Tentativas" }).getByRole("listitem");
    await expect(attempts).toHaveCount(2);
    await expect(attempts.nth(0)).toContainText("Tentativa 1");
    await expect(attempts.nth(0)).toContainText("respondeu 500");
    await expect(attempts.nth(1)).toContainText("respondeu 200");
    await picture(page, "timeline-attempts");
    await expectAccessible(page);
    await page.getByRole("link", { name: "Tentativa 2" }).click();
    await expect(page).toHaveURL(/deliveries\/dlv_\w+\?attempt=2$/);
  });

  await test.step("from a delivery", async () => {
    await page.getByRole("main").getByRole("link", { name: KEY, exact: true }).click();
    await expectInvoice(page);
  });

  await test.step("a reload keeps it, with its filter", async () => {
    await page.getByRole("button", { name: "Entrada" }).click();
    await expect(titles(page)).toContainText(["Webhook recebido"]);
    await page.reload();
    await expect(page.getByRole("button", { name: "Entrada" })).toHaveAttribute(
      "aria-pressed",
      "true",
    );
    await expect(page.getByRole("link", { name: "Webhook recebido" })).toBeVisible();
    await expect(page.getByRole("link", { name: "Disparo", exact: true })).toBeHidden();
  });

  await test.step("by its address; a deal's shows what its webhook caused, joined", async () => {
    await open(`/subjects?key=${encodeURIComponent(KEY)}`);
    await expect(page.getByRole("heading", { name: KEY })).toBeVisible();
    await open(`/subjects?key=${deal.id}`);
    await expect(titles(page)).toContainText(["Webhook recebido", "Negócio criado", "Disparo"]);
    await expect(page.getByText("Status: Aberto").first()).toBeVisible();
    await picture(page, "timeline-deal");
    await expectAccessible(page);
  });
});

test("subject: an attempt has a link of its own, and a delivery tells what changed of its rule since", async ({
  page,
  api,
  host,
  open,
}) => {
  await oneInvoice(api, await seed(api, host.inbox));
  const key = encodeURIComponent(KEY);
  const [delivery] = items(await api.get(`/v1/deliveries?subject=${key}`));
  const { rule } = delivery as unknown as { rule: Row };
  await open(`/deliveries/${delivery?.id}?attempt=2`);

  await test.step("an attempt's link marks it, and is copied with it", async () => {
    const marked = page.locator("[aria-current=true]").filter({ hasText: "HTTP 200" });
    await expect(marked).toBeInViewport();
    await picture(page, "delivery-attempt");
    await expectAccessible(page);
    await page.context().grantPermissions(["clipboard-write"]);
    await page.getByRole("button", { name: "Copiar link da tentativa 1" }).click();
    await expect(page.getByRole("button", { name: "Copiado" })).toBeVisible();
    await page.goto(await pasted(page));
    await expect(
      page.locator("[aria-current=true]").filter({ hasText: "HTTP 500" }),
    ).toBeInViewport();
  });

  await test.step("it is marked in the drawer of the list too, and closing takes it out of the address", async () => {
    await open(`/deliveries?d=${delivery?.id}&attempt=1`);
    const drawer = page.getByRole("dialog");
    await expect(
      drawer.locator("[aria-current=true]").filter({ hasText: "HTTP 500" }),
    ).toBeInViewport();
    await drawer.getByRole("button", { name: "Fechar" }).click();
    await expect(page).toHaveURL(/\/deliveries$/);
    await open(`/deliveries/${delivery?.id}`);
  });

  await expect(page.getByText("versão 1")).toBeVisible();
  await expect(page.getByText("A regra mudou desde então")).toBeHidden();
  await api.patch(`/v1/rules/${rule.id}`, {
    method: "PUT",
    filter: {
      types: ["order.dispatched", "order.delivered"],
      condition: { is: { path: "tracking_code", op: "exists" } },
    },
    body: { mapped: [{ from: "data.order_number", to: "pedido.numero" }] },
  });
  await page.reload();
  await page.getByRole("button", { name: "ver diferença" }).click();
  const dialog = page.getByRole("dialog", { name: "O que mudou da versão 1 para a 2" });
  const row = (name: string) => dialog.getByRole("row").filter({ hasText: name });
  await expect(row("Método")).toContainText("POST");
  await expect(row("Método")).toContainText("PUT");
  await expect(row("Se")).toContainText("tracking_code existe");
  await expect(row("Corpo")).toContainText("pedido.numero");
  await picture(page, "delivery-rule-difference");
  await expectAccessible(page);
  await dialog.getByRole("link", { name: "Abrir a regra" }).click();
  await expect(page).toHaveURL(/rules\/rule_\w+\?version=1$/);
  await expect(dialog).toBeHidden();
  await expect(
    page.getByRole("table", { name: "O que mudou da versão 1 para a 2" }),
  ).toBeInViewport();
  await picture(page, "rule-versions");
  await expectAccessible(page);
});
