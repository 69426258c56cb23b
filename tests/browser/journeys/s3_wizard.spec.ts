import type { Page } from "@playwright/test";
import { items } from "../support/api.ts";
import { expectAccessible } from "../support/axe.ts";
import { picture } from "../support/pictures.ts";
import { expect, test } from "../support/test.ts";

const next = (page: Page) => page.getByRole("button", { name: "Continuar" }).click();

/** The title of a step, which has the focus once the step was gone to. */
const title = (page: Page, name: string) =>
  expect(page.getByRole("heading", { name, exact: true })).toBeFocused();

/** A step as it stands: pictures for people, axe for the rest. No balloon covers it. */
async function looked(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  await picture(page, `wizard-${name}`);
  await expectAccessible(page);
}

test("s3_wizard: from nothing to a processed webhook without leaving the wizard", async ({
  page,
  api,
  open,
}) => {
  await test.step("a new workspace asks what to do, and the wizard begins", async () => {
    await open("/integrations");
    await page.getByRole("button", { name: "Nova integração" }).first().click();
    const dialog = page.getByRole("dialog", { name: "O que você quer fazer?" });
    await expect(dialog).toBeVisible();
    await picture(page, "wizard-0-direction");
    await dialog.getByRole("link", { name: /Receber webhook/ }).click();
    await expect(
      page.getByRole("heading", { name: "De qual aplicativo vêm os webhooks?" }),
    ).toBeVisible();
    await looked(page, "1-applications");
  });

  await test.step("the application is chosen, and says where its URL goes", async () => {
    await page.getByRole("searchbox", { name: "Buscar aplicativo" }).fill("webh");
    await page.getByRole("button", { name: /^Webhook/ }).click();
    await expect(page.getByText("Qualquer sistema que faça uma requisição HTTP")).toBeVisible();
    await next(page);
    await title(page, "Para onde vai o que chega?");
  });

  await test.step("a new origin, a name and an action make the integration, inactive", async () => {
    await page.getByRole("textbox", { name: "Nome da nova origem" }).fill("Vendas");
    await page.getByRole("textbox", { name: "Nome da integração" }).fill("Formulário do site");
    await page.getByRole("radio", { name: /^Criar negócio/ }).check({ force: true });
    await picture(page, "wizard-2-origin");
    await next(page);
    await title(page, "Como saber que quem envia é quem diz ser?");
    await expect(page).toHaveURL(/integration=int_/);
    await picture(page, "wizard-3-verification");
  });

  await test.step("a reload in the middle keeps the step and the integration", async () => {
    const address = page.url();
    await page.reload();
    await expect(page.getByText("Sem verificação: o endereço é o segredo.")).toBeVisible();
    expect(page.url()).toBe(address);
    await next(page);
    await title(page, "Receba um webhook de verdade");
  });

  await test.step("a webhook comes while the wizard waits", async () => {
    await expect(page.getByText("Esperando o primeiro webhook…")).toBeVisible();
    await picture(page, "wizard-4-waiting");
    const url = await page.getByText(/^http:\/\/127\.0\.0\.1.*\/in\//).innerText();
    for (const [nome, email] of [
      ["Ana Souza", "ana@example.com"],
      ["Rui Alves", "rui@example.com"],
    ]) {
      await api.webhook(url, {
        cliente: { nome, email },
        assunto: "Orçamento de reforma",
        pedido: `PED-${email}`,
        valor: "R$ 1.234,56",
      });
    }
    await expect(page.getByText("Chegou!")).toBeVisible();
    await expect(page.getByText("nome: Ana Souza")).toBeVisible();
    await expect(page.getByText("nome: Rui Alves")).toBeVisible();
    await looked(page, "4-arrived");
    await page.getByRole("button", { name: "Usar este" }).first().click();
    await title(page, "Diga de onde vem cada campo");
  });

  await test.step("a click on a value fills a field", async () => {
    await page.getByText('"rui@example.com"').click();
    const use = page.getByRole("dialog", { name: "Usar em um campo" });
    await use.getByRole("button", { name: "Usar" }).click();
    await expect(use).toHaveCount(0);
    await page.getByText('"Rui Alves"').click();
    await use.getByRole("button", { name: "Usar" }).click();
    await expect(use).toHaveCount(0);
    const result = page.getByRole("region", { name: "Resultado" });
    await expect(result.getByText("Rui Alves")).toBeVisible();
    await picture(page, "wizard-5-mapped");
    await next(page);
    await title(page, "O que mais marcar nos negócios?");
  });

  await test.step("tag and stage are set, and the summary says all of it", async () => {
    await page.getByRole("textbox", { name: "Tag para os negócios que chegarem" }).fill("site");
    await page.getByRole("button", { name: /Etapa$/ }).click();
    await page.getByRole("option", { name: "Em andamento" }).click();
    await looked(page, "6-additional");
    await next(page);
    await title(page, "Tudo pronto");
    await picture(page, "wizard-7-done");
  });

  await test.step("what came while it was inactive is processed", async () => {
    await page.getByRole("button", { name: "Ativar" }).click();
    await expect(page.getByText("A integração está ativa.")).toBeVisible();
    await page.getByRole("button", { name: "Processar os 2 webhooks que já chegaram" }).click();
    const done = page.getByRole("listitem").filter({ hasText: "Negócio criado e contato criado." });
    await expect(done).toHaveCount(2);
    const deals = await api.get("/v1/deals");
    expect(deals.items).toMatchObject([{ tags: ["site"] }, { tags: ["site"] }]);
    await looked(page, "7-processed");
    await page.getByRole("link", { name: "Abrir a integração" }).click();
    await expect(page.getByRole("heading", { name: "Formulário do site" })).toBeVisible();
  });
});

/** Presses a button that the keyboard reaches. */
async function press(page: Page, name: string | RegExp): Promise<void> {
  const button = page.getByRole("button", { name });
  await button.focus();
  await expect(button).toBeFocused();
  await page.keyboard.press("Enter");
}

/** Walks the wizard by keyboard with the ready mapping of the plain webhook, until what came is processed. */
async function made(
  page: Page,
  name: string,
  action: string,
  many: number,
  sent: () => Promise<unknown>,
) {
  await press(page, /^Webhook/);
  await press(page, "Continuar");
  await page.getByRole("textbox", { name: "Nome da integração" }).fill(name);
  const choice = page.getByRole("radio", { name: new RegExp(`^${action}`) });
  await choice.focus();
  await page.keyboard.press("Space");
  await expect(choice).toBeChecked();
  await press(page, "Continuar");
  await title(page, "Como saber que quem envia é quem diz ser?");
  await press(page, "Continuar");
  await title(page, "Receba um webhook de verdade");
  await sent();
  await expect(page.getByRole("button", { name: "Usar este" })).toHaveCount(many);
  await press(page, "Continuar");
  await title(page, "Diga de onde vem cada campo");
  await press(page, "Continuar");
  await title(page, "O que mais marcar nos negócios?");
  await press(page, "Continuar");
  await title(page, "Tudo pronto");
  await press(page, "Ativar");
  await press(page, /^Processar .* que já/);
}

test("s3_wizard: create, create or update, and update: the three deal actions", async ({
  page,
  api,
  open,
}) => {
  const origin = await api.post("/v1/origins", { name: "Vendas", stages: [{ name: "Novo" }] });
  const came = (text: string | RegExp) => page.getByRole("listitem").filter({ hasText: text });
  const send = (email: string) => async () => {
    const id = new URL(page.url()).searchParams.get("integration");
    const { url } = await api.get(`/v1/integrations/${id}/url`);
    await api.webhook(String(url), { name: "Ana Souza", email, title: "Orçamento" });
  };
  const dealsOf = async () => items(await api.get(`/v1/deals?origin=${origin.id}`)).length;
  const begin = () => open(`/integrations/new?origin=${origin.id}`);

  await test.step("create or update: without a deal of the contact, one is created", async () => {
    await begin();
    await made(page, "Loja", "Criar ou atualizar negócio", 1, send("ana@example.com"));
    await expect(came("Negócio criado e contato criado.")).toHaveCount(1);
    expect(await dealsOf()).toBe(1);
  });

  await test.step("create: always a new one, though the contact has a deal here", async () => {
    await begin();
    await made(page, "Pedidos", "Criar negócio", 1, send("ana@example.com"));
    await expect(came(/Negócio criado e contato/)).toHaveCount(1);
    expect(await dealsOf()).toBe(2);
  });

  await test.step("update: the deal that is there; without one an error, and nothing is created", async () => {
    await begin();
    await made(page, "Entregas", "Atualizar negócio", 2, async () => {
      await send("rui@example.com")();
      await send("ana@example.com")();
    });
    await expect(came(/Negócio (atualizado|igual)/)).toHaveCount(1);
    await expect(came("Não há negócio deste contato na origem para atualizar")).toHaveCount(1);
    expect(await dealsOf()).toBe(2);
    await looked(page, "7-no-deal");
  });
});

test("s3_wizard: a generated secret is shown once, and what is refused meanwhile is explained", async ({
  page,
  api,
  faults,
  open,
}) => {
  faults.expect(/status of 422/);
  await api.post("/v1/origins", { name: "Vendas", stages: [{ name: "Novo" }] });
  await open("/integrations/new");

  await test.step("the name of a new origin is asked for at its field", async () => {
    await page.getByRole("button", { name: /^GitHub/ }).click();
    await next(page);
    await page.getByRole("button", { name: /Origem$/ }).click();
    await page.getByRole("option", { name: "Nova origem" }).click();
    await next(page);
    const refused = page.getByRole("textbox", { name: "Nome da nova origem" });
    await expect(refused).toBeFocused();
    const bar = await page.getByRole("banner").boundingBox();
    const field = await refused.boundingBox();
    expect(field?.y, "the bar does not lie over it").toBeGreaterThan(bar?.height ?? 0);
    await looked(page, "2-refused");
    await page.getByRole("textbox", { name: "Nome da nova origem" }).fill("Repositórios");
    await next(page);
    await title(page, "Como saber que quem envia é quem diz ser?");
  });

  await test.step("the secret is generated, copied, and gone after a reload", async () => {
    await looked(page, "3-question");
    await next(page);
    const secret = page.getByRole("button", { name: "Copiar segredo" });
    await expect(secret).toBeVisible();
    await looked(page, "3-secret");
    await page.reload();
    await expect(page.getByText("Assinatura do GitHub")).toBeVisible();
    await expect(secret).toHaveCount(0);
    await picture(page, "wizard-3-set");
    await next(page);
  });

  await test.step("a request without a signature is refused, with what to do", async () => {
    const url = await page.getByText(/^http:.*\/in\//).innerText();
    const refused = await fetch(url, { method: "POST", body: "{}" });
    expect(refused.status).toBe(401);
    await expect(page.getByText(/^Recusado agora/)).toBeVisible();
    await expect(page.getByText("O remetente não assinou. Ligue a assinatura nele.")).toBeVisible();
    await looked(page, "4-refused");
  });

  await test.step("a pasted sample takes the place of a real one", async () => {
    await page.getByRole("button", { name: "Colar um exemplo" }).click();
    await title(page, "Diga de onde vem cada campo");
    const body = page.getByRole("textbox", { name: "Cole o corpo de um webhook" });
    await body.fill('{"issue": {"title": "Não salva"}}');
    await page.getByRole("button", { name: "Usar este exemplo" }).click();
    await expect(page.getByText('"Não salva"')).toBeVisible();
  });
});
