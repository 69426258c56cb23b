import type { Page } from "@playwright/test";
import type { Row } from "../support/api.ts";
import { press, pressUntil } from "../support/keyboard.ts";
import { expect, test } from "../support/test.ts";

/** The title of a step, which has the focus once the step was gone to. */
const title = (page: Page, name: string) =>
  expect(page.getByRole("heading", { name, exact: true })).toBeFocused();

/** Goes to a control with Tab and presses Enter on it. */
async function enter(page: Page, name: string | RegExp, key = "Tab"): Promise<void> {
  await pressUntil(page, page.getByRole("button", { name }).first(), { key });
  await press(page, "Enter");
}

/** Goes to a field with Tab and writes in the place of what it has. */
async function write(page: Page, name: string | RegExp, text: string): Promise<void> {
  await pressUntil(page, page.getByRole("textbox", { name, exact: true }));
  await press(page, "Control+a");
  await page.keyboard.type(text);
}

test("keyboard: an integration is made in the wizard without a pointer", async ({
  page,
  api,
  open,
}) => {
  await open("/integrations/new");
  await expect(
    page.getByRole("heading", { name: "De qual aplicativo vêm os webhooks?" }),
  ).toBeVisible();

  await test.step("an application is found and chosen", async () => {
    await pressUntil(page, page.getByRole("searchbox", { name: "Buscar aplicativo" }));
    await page.keyboard.type("webh");
    await enter(page, /^Webhook/);
    await enter(page, "Continuar");
    await title(page, "Para onde vai o que chega?");
  });

  await test.step("origin, name and action are given", async () => {
    await write(page, "Nome da nova origem", "Vendas");
    await write(page, "Nome da integração", "Formulário do site");
    await pressUntil(page, page.getByRole("radio", { checked: true }));
    const create = page.getByRole("radio", { name: /^Criar negócio/ });
    await pressUntil(page, create, { key: "ArrowDown", most: 4 });
    await expect(create).toBeChecked();
    await enter(page, "Continuar");
    await title(page, "Como saber que quem envia é quem diz ser?");
    await enter(page, "Continuar");
    await title(page, "Receba um webhook de verdade");
  });

  await test.step("what comes is chosen as the sample", async () => {
    const id = new URL(page.url()).searchParams.get("integration");
    const { url } = await api.get(`/v1/integrations/${id}/url`);
    await api.webhook(String(url), { cliente: { nome: "Ana Souza", email: "ana@example.com" } });
    await expect(page.getByText("Chegou!")).toBeVisible();
    await enter(page, "Usar este");
    await title(page, "Diga de onde vem cada campo");
  });

  await test.step("a value of the sample is found by its name and fills a field", async () => {
    await pressUntil(page, page.getByRole("tree"));
    // Its name and the two lines above it begin with other letters.
    await page.keyboard.type("e");
    await press(page, "Enter");
    const use = page.getByRole("dialog", { name: "Usar em um campo" });
    await expect(use).toBeVisible();
    await pressUntil(page, use.getByRole("button", { name: "Usar" }), { most: 12 });
    await press(page, "Enter");
    await expect(use).toHaveCount(0);
    const result = page.getByRole("region", { name: "Resultado" });
    await expect(result.getByText("ana@example.com").first()).toBeVisible();
    await enter(page, "Continuar");
    await title(page, "O que mais marcar nos negócios?");
  });

  await test.step("it is activated, and what came is processed", async () => {
    await write(page, /^Tag para os negócios que chegarem/, "site");
    await enter(page, "Continuar");
    await title(page, "Tudo pronto");
    await enter(page, "Ativar");
    await expect(page.getByText("A integração está ativa.")).toBeVisible();
    await enter(page, /^Processar .* que já/);
    await expect(
      page.getByRole("listitem").filter({ hasText: "Negócio criado e contato criado." }),
    ).toHaveCount(1);
  });
});

test("keyboard: stages are ordered, added, removed and saved without a pointer", async ({
  page,
  api,
  open,
}) => {
  const stages = ["Novo", "Em andamento", "Fechado"].map((name) => ({ name }));
  const origin = await api.post("/v1/origins", { name: "Vendas", stages });
  await open(`/origins/${origin.id}/settings`);
  const fields = page.getByRole("textbox", { name: /^Etapa/ });
  const names = (...wanted: string[]) =>
    expect
      .poll(() => fields.evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value)))
      .toEqual(wanted);
  await names("Novo", "Em andamento", "Fechado");

  await test.step("Alt with an arrow moves the stage of the field, which keeps the focus", async () => {
    await pressUntil(page, fields.first());
    await press(page, "Alt+ArrowDown");
    await names("Em andamento", "Novo", "Fechado");
    await expect(fields.nth(1)).toBeFocused();
    await expect(page.getByText("Novo: agora a etapa 2")).toBeAttached();
  });

  await test.step("a button moves it too, and can be pressed again", async () => {
    const up = page.getByRole("button", { name: "Subir Fechado" });
    await pressUntil(page, up);
    await press(page, "Enter");
    await names("Em andamento", "Fechado", "Novo");
    await expect(up).toBeFocused();
    await press(page, "Enter");
    await names("Fechado", "Em andamento", "Novo");
    const down = page.getByRole("button", { name: "Descer Fechado" });
    await pressUntil(page, down);
    await press(page, "Enter");
    await names("Em andamento", "Fechado", "Novo");
    await expect(down).toBeFocused();
  });

  await test.step("one is added and has the focus", async () => {
    await enter(page, "Adicionar etapa");
    await expect(fields.nth(3)).toBeFocused();
    await page.keyboard.type("Arquivado");
    await names("Em andamento", "Fechado", "Novo", "Arquivado");
  });

  await test.step("one is removed, and the focus goes to the next", async () => {
    await enter(page, "Remover Em andamento", "Shift+Tab");
    await names("Fechado", "Novo", "Arquivado");
    await expect(fields.first()).toBeFocused();
  });

  await test.step("all is saved", async () => {
    await enter(page, "Salvar");
    const saved = (row: Row) =>
      (row.stages as { name: string }[]).map(({ name }) => name).join() ===
      "Fechado,Novo,Arquivado";
    await api.until(`/v1/origins/${origin.id}`, saved);
  });
});
