import { type Api, items } from "../support/api.ts";
import { expectAccessible } from "../support/axe.ts";
import { picture } from "../support/pictures.ts";
import { rulesTakeEffect } from "../support/seed.ts";
import { expect, test } from "../support/test.ts";

const RULE = "Propostas para o ERP";

/** An origin with a form whose deals say their stage, and an endpoint. */
async function seed(api: Api, inbox: string) {
  const origin = await api.post("/v1/origins", {
    name: "Vendas",
    stages: [{ name: "Novo" }, { name: "Proposta" }, { name: "Fechado" }],
  });
  const form = await api.post("/v1/integrations", {
    origin: origin.id,
    application: "webhook",
    name: "Formulário",
    mapping: {
      fields: [
        { target: "contact.email", path: "$.email", required: true },
        { target: "deal.title", path: "$.assunto" },
        { target: "deal.value", path: "$.valor", transforms: [{ type: "number" }] },
        { target: "deal.stage", path: "$.etapa" },
      ],
      keys: [],
    },
  });
  await api.post("/v1/endpoints", { name: "ERP", url: inbox });
  const url = String((await api.get(`/v1/integrations/${form.id}/url`)).url);
  return { origin, url };
}

test("s3: a rule on entering a stage, with a condition and a mapped body, sends that body", async ({
  page,
  api,
  host,
  open,
}) => {
  test.setTimeout(120_000);
  const { origin, url } = await seed(api, host.inbox);
  await open("/rules");

  await test.step("when: a deal enters one stage of one origin", async () => {
    await page.getByRole("link", { name: "Nova regra" }).first().click();
    await expect(page.getByRole("heading", { name: "Nova regra" })).toBeVisible();
    await page.getByRole("textbox", { name: "Nome", exact: true }).fill(RULE);
    await page.getByText("Entrar em uma etapa", { exact: true }).click();
    await page
      .getByRole("group", { name: /Só destas origens/ })
      .getByText("Vendas")
      .click();
    await page
      .getByRole("group", { name: /Só nestas etapas: Vendas/ })
      .getByText("Proposta")
      .click();
    await picture(page, "rule-when");
  });

  await test.step("if: its value is high enough, tried on the example", async () => {
    await page.getByRole("button", { name: "Adicionar condição" }).click();
    const group = page.getByRole("group", { name: "Grupo de condições" });
    await group.getByRole("button", { name: /Valor/ }).first().click();
    await group.getByRole("button", { name: /Comparação/ }).click();
    await page.getByRole("option", { name: "é maior que" }).click();
    await group.getByRole("textbox", { name: "Valor" }).fill("1000");
    await expect(page.getByText(/^(Vale|Não vale) para o exemplo$/)).toBeVisible();
    await picture(page, "rule-if");
    await expectAccessible(page);
  });

  await test.step("to: an endpoint, by its name; with which method", async () => {
    const endpoint = page.getByRole("combobox", { name: "Qual endpoint" });
    await endpoint.scrollIntoViewIfNeeded();
    await endpoint.fill("ERP");
    await page.getByRole("option", { name: /ERP/ }).click();
    const method = page.getByRole("radiogroup", { name: "Método" });
    await method.getByText("GET", { exact: true }).click();
    await expect(page.getByText("GET mostra os dados na URL e em logs. Não use")).toBeVisible();
    await expect(page.getByRole("table", { name: "Parâmetros da URL" })).toBeVisible();
    await picture(page, "rule-get");
    await method.getByText("POST", { exact: true }).click();
    await expect(page.getByText("GET mostra os dados na URL e em logs. Não use")).toBeHidden();
  });

  await test.step("the body: chosen fields under names of one's own, and the preview follows", async () => {
    await page.getByText("Mapeado", { exact: true }).click();
    const settings = page.getByRole("group", { name: "Configurações do negócio" });
    await settings.getByText("Título", { exact: true }).click();
    await settings.getByText("Valor", { exact: true }).click();
    const chosen = page.getByRole("listitem").filter({ has: page.getByRole("textbox") });
    await expect(chosen).toHaveCount(2);
    await chosen.nth(0).getByRole("textbox").fill("proposta.nome");
    await chosen.nth(1).getByRole("textbox").fill("proposta.valor");
    await chosen.nth(1).getByRole("button", { name: "Mover para cima" }).click();
    await expect(chosen.nth(0).getByRole("textbox")).toHaveValue("proposta.valor");
    const preview = page.getByRole("complementary", { name: "Pré-visualização" });
    const rows = preview.getByRole("treeitem");
    await expect(rows).toHaveCount(4);
    await expect(rows.nth(1)).toContainText("proposta");
    await expect(rows.nth(2)).toContainText("valor");
    await expect(rows.nth(3)).toContainText("nome");
    // The tip of the button under the pointer is not part of the picture.
    await page.mouse.move(0, 0);
    await expect(page.getByRole("tooltip")).toBeHidden();
    await picture(page, "rule-body");
    await expectAccessible(page);
  });

  await test.step("it is saved, and is in the list in words", async () => {
    await page.getByRole("button", { name: "Salvar", exact: true }).click();
    await expect(page.getByText(`Regra ${RULE} salva`)).toBeVisible();
    await expect(page).toHaveURL(/rules\/rule_\w+$/);
    await page.getByRole("navigation").getByRole("link", { name: "Regras" }).first().click();
    const row = page.getByRole("row").filter({ hasText: RULE });
    await expect(row).toContainText("Negócio entrou na etapa");
    await expect(row).toContainText("ERP");
    await expect(row).toContainText("POST");
    await expect(row).toContainText("2 campos");
    await picture(page, "rules");
    await expectAccessible(page);
  });

  await test.step("a deal that enters the stage makes one delivery with that body; a cheap one does not", async () => {
    await rulesTakeEffect();
    const person = (email: string, valor: string) => ({ email, assunto: "Plano anual", valor });
    const cheap = person("rui@example.com", "500");
    const dear = person("ana@example.com", "1500.50");
    await api.webhook(url, { ...cheap, etapa: "Proposta" });
    await api.webhook(url, { ...dear, etapa: "Novo" });
    await api.until(`/v1/origins/${origin.id}/webhooks?status=success`, (list) => list.count === 2);
    await api.webhook(url, { ...dear, etapa: "Proposta" });
    await api.until("/v1/deliveries?state=success", (list) => list.count === 1);
    expect(items(await api.get("/v1/deliveries"))).toHaveLength(1);
    await open("/deliveries");
    await page.getByRole("row").filter({ hasText: RULE }).getByText("Sucesso").click();
    await page.getByRole("tab", { name: "Requisição" }).click();
    await expect(page.getByRole("dialog").getByText("1500.50")).toBeVisible();
    await expect(page.getByRole("dialog").getByText('"Plano anual"')).toBeVisible();
    await picture(page, "rule-delivery");
  });

  await test.step("a change is a version that is compared with the one before", async () => {
    await page.keyboard.press("Escape");
    await page.getByRole("navigation").getByRole("link", { name: "Regras" }).first().click();
    await page.getByRole("link", { name: RULE }).click();
    await page.getByText("PUT", { exact: true }).click();
    await page.getByRole("button", { name: "Salvar", exact: true }).click();
    await page.getByText("Versões", { exact: true }).click();
    const table = page.getByRole("table", { name: "O que mudou da versão 1 para a 2" });
    await expect(table.getByRole("row").filter({ hasText: "Método" })).toContainText("POST");
    await expect(table.getByRole("row").filter({ hasText: "Método" })).toContainText("PUT");
    await expectAccessible(page);
  });
});
