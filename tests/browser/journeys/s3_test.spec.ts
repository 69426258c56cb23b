import { items } from "../support/api.ts";
import { expectAccessible } from "../support/axe.ts";
import { picture } from "../support/pictures.ts";
import { expect, test } from "../support/test.ts";

test("s3_test: a signed test comes like a sender's webhook and changes nothing; a refused one says why", async ({
  page,
  api,
  open,
}) => {
  const origin = await api.post("/v1/origins", { name: "Vendas", stages: [{ name: "Novo" }] });
  const integration = await api.post("/v1/integrations", {
    origin: origin.id,
    application: "webhook",
    name: "Formulário do site",
    active: false,
    verification: [
      { type: "hmac", header: "x-signature", secret: "segredo-do-formulario-do-site" },
    ],
  });
  const send = page.getByRole("button", { name: "Enviar um teste" });
  const answer = page.getByRole("alert");

  await test.step("the wizard sends a test, and it arrives in its list", async () => {
    await open(`/integrations/new?step=sample&integration=${integration.id}`);
    await expect(page.getByText("Esperando o primeiro webhook…")).toBeVisible();
    await send.click();
    await expect(answer).toContainText("O teste foi aceito, com a resposta 200.");
    const arrivals = page.getByRole("region", { name: "Webhooks que chegaram" });
    await expect(arrivals.getByText("teste", { exact: true })).toBeVisible();
    await page.mouse.move(0, 0);
    await picture(page, "test-1-wizard");
    await expectAccessible(page);
  });

  await test.step("its webhook says what a real one would do; no contact and no deal is there", async () => {
    await answer.getByRole("link", { name: "Ver o webhook" }).click();
    await expect(page).toHaveURL(/\/webhooks\/whk_/);
    await expect(page.getByText(/teste da integração\. Contatos e negócios não/)).toBeVisible();
    const would = "Nada mudou. Um envio real daria: negócio criado e contato criado.";
    await expect(page.getByText(would)).toBeVisible();
    await expect(page.getByText("O que o mapeamento leu")).toBeVisible();
    await picture(page, "test-2-webhook");
    await expectAccessible(page);
    await page.getByRole("tab", { name: /^Execuções/ }).click();
    await expect(page.getByRole("listitem").filter({ hasText: would })).toBeVisible();
    expect(items(await api.get("/v1/contacts"))).toEqual([]);
    expect(items(await api.get("/v1/deals"))).toEqual([]);
  });

  await test.step("the assistant's last step says that it was a test", async () => {
    await open(`/integrations/new?step=done&integration=${integration.id}`);
    await expect(page.getByText("Teste: nada foi criado nem mudado.")).toBeVisible();
  });

  await test.step("the history marks it", async () => {
    await open(`/origins/${origin.id}/webhooks`);
    await expect(page.getByRole("gridcell", { name: "Sucesso teste" })).toHaveCount(1);
    await picture(page, "test-3-history");
  });

  await test.step("a test from an address that is not allowed is refused, with what to do", async () => {
    await api.patch(`/v1/integrations/${integration.id}`, { allowed_ips: ["203.0.113.7"] });
    await open(`/integrations/${integration.id}?tab=url`);
    await send.click();
    await expect(answer).toContainText("O teste foi recusado, com a resposta 403.");
    await expect(answer).toContainText("Acrescente o endereço aos permitidos");
    await expect(answer).toContainText("ip_not_allowed");
    await picture(page, "test-4-refused");
    await expectAccessible(page);
  });
});
