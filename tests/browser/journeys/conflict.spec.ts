import type { Browser, Page } from "@playwright/test";
import type { Api, Row } from "../support/api.ts";
import { expectAccessible } from "../support/axe.ts";
import type { Faults } from "../support/faults.ts";
import { picture } from "../support/pictures.ts";
import { expect, openWith, test } from "../support/test.ts";

/** The things that the journeys edit: a rule to an endpoint, and an integration. */
async function seed(api: Api, inbox: string) {
  const origin = await api.post("/v1/origins", {
    name: "Vendas",
    stages: [{ name: "Novo" }, { name: "Proposta" }, { name: "Fechado" }],
  });
  const [, proposal] = origin.stages as Row[];
  const endpoint = await api.post("/v1/endpoints", { name: "ERP", url: inbox });
  const rule = await api.post("/v1/rules", {
    name: "Despachos",
    filter: { types: ["order.dispatched"] },
    target: { endpoint: endpoint.id },
    method: "POST",
    body: "standard",
  });
  const form = await api.post("/v1/integrations", {
    origin: origin.id,
    application: "webhook",
    name: "Formulário",
    tag: "site",
    stage: proposal?.id,
    mapping: { fields: [{ target: "contact.email", path: "$.email" }], keys: [] },
  });
  return { origin, endpoint, rule, form };
}

/** A second browser with a session of its own. */
async function colleague(browser: Browser, faults: Faults, baseURL: string): Promise<Page> {
  const context = await browser.newContext({ locale: "pt-BR", baseURL });
  await faults.watch(context);
  return context.newPage();
}

const asked = (page: Page) =>
  page.getByRole("dialog", { name: "Outra pessoa salvou antes de você" });

/** Tells the page that its tab is seen again, which reads what is older than two seconds. */
async function comesBack(page: Page): Promise<void> {
  await page.evaluate(() => window.dispatchEvent(new Event("visibilitychange")));
}

/** Expects the values of a field in the dialog: when it was opened, theirs, mine. */
async function expectField(page: Page, field: string, values: readonly string[]): Promise<void> {
  const name = page.getByRole("rowheader", { name: field, exact: true });
  const row = asked(page).getByRole("row").filter({ has: name });
  await expect(row.getByRole("cell")).toHaveText([...values]);
}

test("conflict: two browsers edit one rule; each side is seen field by field, and either can stay", async ({
  page,
  browser,
  api,
  key,
  host,
  faults,
  open,
}) => {
  faults.expect(/status of 409/);
  const { rule } = await seed(api, host.inbox);
  const other = await colleague(browser, faults, host.base);
  const name = (on: Page) => on.getByRole("textbox", { name: "Nome" });
  const save = (on: Page) => on.getByRole("button", { name: "Salvar", exact: true }).click();
  await open(`/rules/${rule.id}`);
  await openWith(other, key, `/rules/${rule.id}`);

  await test.step("the first one to save notices nothing", async () => {
    await name(other).fill("Despachos do ERP");
    await save(other);
    await expect(other.getByText("Regra Despachos do ERP salva")).toBeVisible();
  });

  await test.step("the second one sees what each changed", async () => {
    await name(page).fill("Envios");
    await page.getByText("PUT", { exact: true }).click();
    await save(page);
    const dialog = asked(page);
    await expect(dialog).toBeVisible();
    await expectField(page, "Nome", ["Despachos", "Despachos do ERP", "Envios"]);
    await expectField(page, "Método", ["POST", "POST", "PUT"]);
    await expect(dialog.getByRole("rowheader")).toHaveText(["Nome", "Método"]);
    await picture(page, "conflict-rule");
    await expectAccessible(page);
  });

  await test.step("Escape asks again later, and nothing typed is lost", async () => {
    await page.keyboard.press("Escape");
    await expect(asked(page)).toBeHidden();
    await expect(name(page)).toHaveValue("Envios");
    await save(page);
  });

  await test.step("Manter o meu saves over the newest version", async () => {
    await asked(page).getByRole("button", { name: "Manter o meu" }).click();
    await expect(page.getByText("Regra Envios salva")).toBeVisible();
    await expect(asked(page)).toBeHidden();
    const saved = await api.get(`/v1/rules/${rule.id}`);
    expect(saved).toMatchObject({ name: "Envios", method: "PUT" });
  });

  await test.step("Ficar com o atual gives up what was typed", async () => {
    await name(other).fill("Outro nome");
    await save(other);
    const dialog = asked(other);
    await expect(dialog).toBeVisible();
    await expectField(other, "Nome", ["Despachos do ERP", "Envios", "Outro nome"]);
    await dialog.getByRole("button", { name: "Ficar com o atual" }).click();
    await expect(name(other)).toHaveValue("Envios");
    await expect(other.getByRole("radio", { name: "PUT" })).toBeChecked();
    await expect(other.getByRole("button", { name: "Salvar", exact: true })).toBeDisabled();
    expect((await api.get(`/v1/rules/${rule.id}`)).name).toBe("Envios");
  });
  await other.context().close();
});

test("conflict: the other editors ask the same, and a change elsewhere is no conflict", async ({
  page,
  api,
  host,
  faults,
  open,
}) => {
  faults.expect(/status of 409/);
  const { form, origin } = await seed(api, host.inbox);

  await test.step("the tag of an integration", async () => {
    await open(`/integrations/${form.id}?tab=additional`);
    const tag = page.getByRole("textbox", { name: /Tag para os negócios/ });
    await tag.fill("meu");
    await api.patch(`/v1/integrations/${form.id}`, { tag: "deles", name: "Formulário novo" });
    await page.getByRole("button", { name: "Salvar", exact: true }).click();
    const dialog = asked(page);
    await expect(dialog).toBeVisible();
    await expect(dialog.getByRole("rowheader")).toHaveText(["Tag para os negócios que chegarem"]);
    await expectField(page, "Tag para os negócios que chegarem", ["site", "deles", "meu"]);
    await dialog.getByRole("button", { name: "Manter o meu" }).click();
    await expect(page.getByText("Salvo", { exact: true })).toBeVisible();
    const saved = await api.get(`/v1/integrations/${form.id}`);
    expect(saved).toMatchObject({ tag: "meu", name: "Formulário novo" });
  });

  await test.step("its mapping, by the fields that are filled", async () => {
    await page.getByRole("tab", { name: "Mapeamento" }).click();
    await page.getByRole("textbox", { name: "Caminho de Contato: E-mail" }).fill("$.e_mail");
    await api.patch(`/v1/integrations/${form.id}`, {
      mapping: {
        fields: [
          { target: "contact.email", path: "$.contato.email", required: true },
          { target: "contact.name", path: "$.nome" },
        ],
        keys: [],
      },
    });
    await page.getByRole("button", { name: "Salvar mapeamento" }).click();
    await page
      .getByRole("dialog", { name: "Salvar mapeamento" })
      .getByRole("button", { name: "Salvar mapeamento" })
      .click();
    const dialog = asked(page);
    await expect(dialog).toBeVisible();
    await expectField(page, "Contato: E-mail", [
      "$.email",
      "$.contato.email · Obrigatório",
      "$.e_mail",
    ]);
    await expectField(page, "Contato: Nome", ["—", "$.nome", "—"]);
    await picture(page, "conflict-mapping");
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Ficar com o atual" }).click();
    await expect(page.getByRole("textbox", { name: "Caminho de Contato: E-mail" })).toHaveValue(
      "$.contato.email",
    );
  });

  await test.step("without a change of one's own, the mapping follows the newest version", async () => {
    const path = page.getByRole("textbox", { name: "Caminho de Contato: E-mail" });
    const fields = [{ target: "contact.email", path: "$.mail" }];
    await api.patch(`/v1/integrations/${form.id}`, { mapping: { fields, keys: [] } });
    await expect(async () => {
      await comesBack(page);
      await expect(path).toHaveValue("$.mail", { timeout: 1_000 });
    }).toPass();
    await expect(page.getByText("Mudanças não salvas")).toBeHidden();
  });

  await test.step("a change of another form is not in the way", async () => {
    await page.getByRole("tab", { name: "Receber" }).click();
    const status = page.getByRole("textbox", { name: "Resposta de sucesso" });
    await status.or(page.getByRole("spinbutton", { name: "Resposta de sucesso" })).fill("202");
    await api.patch(`/v1/integrations/${form.id}`, { tag: "outra" });
    await page.getByRole("button", { name: "Salvar", exact: true }).click();
    await expect
      .poll(async () => (await api.get(`/v1/integrations/${form.id}`)).success_status)
      .toBe(202);
    await expect(asked(page)).toBeHidden();
    expect((await api.get(`/v1/integrations/${form.id}`)).tag).toBe("outra");
  });

  await test.step("the stages of an origin", async () => {
    await open(`/origins/${origin.id}/settings`);
    await page.getByRole("textbox", { name: "Nome", exact: true }).fill("Vendas B2B");
    await api.patch(`/v1/origins/${origin.id}`, { name: "Vendas Brasil" });
    await page.getByRole("button", { name: "Salvar", exact: true }).click();
    await expectField(page, "Nome", ["Vendas", "Vendas Brasil", "Vendas B2B"]);
    await asked(page).getByRole("button", { name: "Manter o meu" }).click();
    await expect(page.getByRole("heading", { name: "Vendas B2B" })).toBeVisible();
  });

  await test.step("the workspace and the people who are told", async () => {
    await open("/settings/recipients");
    await page.getByRole("textbox", { name: "E-mail" }).fill("bia@example.com");
    await api.patch("/v1/workspace", { notice_recipients: ["ana@example.com"] });
    await page.getByRole("button", { name: "Adicionar" }).click();
    await expectField(page, "Quem é avisado", [
      "—",
      "ana@example.com",
      "ana@example.com, bia@example.com",
    ]);
    await asked(page).getByRole("button", { name: "Manter o meu" }).click();
    await expect(page.getByText("bia@example.com")).toBeVisible();
    await open("/settings/general");
    await page.getByRole("textbox", { name: "Nome do espaço" }).fill("Meu nome");
    await api.patch("/v1/workspace", { name: "Nome deles" });
    await page.getByRole("button", { name: "Salvar", exact: true }).click();
    await asked(page).getByRole("button", { name: "Ficar com o atual" }).click();
    await expect(page.getByRole("textbox", { name: "Nome do espaço" })).toHaveValue("Nome deles");
  });
});

test("conflict: what was typed of an endpoint stays when it is read again, and is compared in words", async ({
  page,
  api,
  host,
  faults,
  open,
}) => {
  faults.expect(/status of 409/);
  const { endpoint } = await seed(api, host.inbox);
  await open(`/endpoints/${endpoint.id}?tab=settings`);
  const name = page.getByRole("textbox", { name: "Nome", exact: true });
  const timeout = page.getByRole("textbox", { name: /^Tempo-limite/ });
  await name.fill("ERP novo");
  await timeout.fill("7,5");
  await api.patch(`/v1/endpoints/${endpoint.id}`, {
    name: "ERP deles",
    policy: { success: "only200", suspension: null },
  });

  await test.step("the page is read again under the form", async () => {
    await expect(async () => {
      await comesBack(page);
      const heading = page.getByRole("heading", { name: "ERP deles" });
      await expect(heading).toBeVisible({ timeout: 1_000 });
    }).toPass();
    await expect(name).toHaveValue("ERP novo");
    await expect(timeout).toHaveValue("7,5");
  });

  await test.step("each number of the policy is a field", async () => {
    await page.getByRole("button", { name: "Salvar", exact: true }).click();
    const dialog = asked(page);
    await expect(dialog).toBeVisible();
    await expectField(page, "Nome", ["ERP", "ERP deles", "ERP novo"]);
    await expectField(page, "O que vale como sucesso", ["Qualquer 2xx", "Só 200", "Só 200"]);
    await expectField(page, "Tempo-limite (segundos)", ["5", "5", "7.5"]);
    await expectField(page, "Suspender", ["Por falhas em um intervalo", "Nunca", "Nunca"]);
    await picture(page, "conflict-endpoint");
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Manter o meu" }).click();
    await expect(page.getByText("Endpoint salvo")).toBeVisible();
    await expect(page.getByRole("heading", { name: "ERP novo" })).toBeVisible();
    const saved = await api.get(`/v1/endpoints/${endpoint.id}`);
    expect(saved).toMatchObject({
      name: "ERP novo",
      policy: { timeout_ms: 7500, success: "only200" },
    });
    expect(saved.policy).not.toHaveProperty("suspension");
  });
});

test("conflict: what is in use, or active, says what stands in the way with the way out", async ({
  page,
  api,
  host,
  faults,
  open,
}) => {
  faults.expect(/status of 409/);
  const { endpoint, origin } = await seed(api, host.inbox);

  await test.step("an endpoint that a rule uses names the rule, as a link", async () => {
    await open(`/endpoints/${endpoint.id}`);
    await page.getByRole("button", { name: "Excluir", exact: true }).click();
    const dialog = page.getByRole("alertdialog");
    await dialog.getByRole("textbox").fill("ERP");
    await dialog.getByRole("button", { name: "Excluir endpoint" }).click();
    await expect(dialog.getByText("Ainda em uso")).toBeVisible();
    await picture(page, "in-use");
    await expectAccessible(page);
    await dialog.getByRole("link", { name: "Despachos" }).click();
    await expect(page.getByRole("heading", { name: "Despachos" })).toBeVisible();
  });

  await test.step("an origin and a stage name their integration", async () => {
    await open(`/origins/${origin.id}/settings`);
    await page.getByRole("button", { name: "Remover Proposta" }).click();
    await page.getByRole("button", { name: "Salvar", exact: true }).click();
    await expect(page.getByRole("alert").getByRole("link", { name: "Formulário" })).toBeVisible();
    // The next row's button has come under the pointer, with its tip.
    await page.mouse.move(0, 0);
    await picture(page, "stage-in-use");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Excluir a origem" }).click();
    const dialog = page.getByRole("alertdialog");
    await dialog.getByRole("textbox").fill("Vendas");
    await dialog.getByRole("button", { name: "Excluir a origem" }).click();
    await dialog.getByRole("link", { name: "Formulário" }).click();
    await expect(page).toHaveURL(/integrations\/int_/);
  });

  await test.step("limits of an endpoint that was enabled meanwhile: disable it, and what was typed is saved", async () => {
    await api.post(`/v1/endpoints/${endpoint.id}/disable`, {});
    await open(`/endpoints/${endpoint.id}?tab=settings`);
    const limit = page.getByRole("textbox", { name: "Ao mesmo tempo, no máximo" });
    await limit.fill("3");
    await api.post(`/v1/endpoints/${endpoint.id}/enable`, {});
    await page.getByRole("button", { name: "Salvar", exact: true }).click();
    const alert = page.getByRole("alert").filter({ hasText: "Desative o endpoint para mudar" });
    await expect(alert).toBeInViewport();
    await picture(page, "endpoint-active");
    await expectAccessible(page);
    await alert.getByRole("button", { name: "Desativar o endpoint" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Desativar" }).click();
    await expect(alert).toBeHidden();
    await expect(limit).toHaveValue("3");
    await page.getByRole("button", { name: "Salvar", exact: true }).click();
    await expect(page.getByText("Endpoint salvo")).toBeVisible();
    const { limits } = await api.get(`/v1/endpoints/${endpoint.id}`);
    expect(limits).toMatchObject({ max_concurrency: 3 });
  });
});
