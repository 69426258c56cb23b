import { expectAccessible } from "../support/axe.ts";
import { picture } from "../support/pictures.ts";
import { seedOutbound } from "../support/seed.ts";
import { expect, test } from "../support/test.ts";

test("s2: deliveries by tab, a search by order number, one with its attempts, one sent by hand", async ({
  page,
  api,
  host,
  open,
}) => {
  await seedOutbound(api, host.inbox);
  await open("/deliveries");
  await expect(page.getByRole("heading", { name: "Disparos", exact: true })).toBeVisible();
  await expect(
    page.getByRole("row").filter({ hasText: "Despachos para o ERP" }).first(),
  ).toBeVisible();
  await picture(page, "deliveries");
  await expectAccessible(page);

  await test.step("each tab has its number, and selects its states", async () => {
    await page.getByRole("tab", { name: /Envios com sucesso/ }).click();
    await expect(page).toHaveURL(/tab=success/);
    await expect(page.getByRole("status").filter({ hasText: "12 disparos" })).toBeVisible();
  });

  await test.step("an order number and Enter find its deliveries in the whole retention", async () => {
    await page.getByRole("tab", { name: /Todos os envios/ }).click();
    const search = page.getByRole("searchbox", { name: "Pesquisar por número do pedido" });
    await search.fill("PED-3");
    await search.press("Enter");
    await expect(page).toHaveURL(/subject=PED-3/);
    await expect(page.getByRole("row").filter({ hasText: "PED-3" }).first()).toBeVisible();
  });

  await test.step("a delivery shows its request and its attempts", async () => {
    const row = page.getByRole("row").filter({ hasText: "Despachos para o ERP" });
    await row.getByText("Sucesso").click();
    await expect(page).toHaveURL(/[?&]d=dlv_/);
    await expect(page.getByText("HTTP 200")).toBeVisible();
    await picture(page, "delivery");
    await page.getByRole("tab", { name: "Requisição" }).click();
    await expect(page.getByText("BR1003").first()).toBeVisible();
    await picture(page, "delivery-request");
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await expect(page).not.toHaveURL(/[?&]d=/);
  });

  await test.step("one is sent by hand after a preview; the old row does not change", async () => {
    await page.getByRole("button", { name: "Enviar webhook manualmente" }).click();
    const dialog = page.getByRole("dialog", { name: "Enviar webhook manualmente" });
    await expect(dialog.getByRole("textbox", { name: /Número do pedido/ })).toHaveValue("PED-3");
    await dialog.getByRole("button", { name: /Regra/ }).click();
    await page.getByRole("option", { name: "Despachos para o ERP" }).click();
    await dialog.getByRole("button", { name: "Pré-visualizar" }).click();
    const preview = page.getByRole("dialog", { name: "1 requisição seria enviada" });
    await expect(preview.getByText('"BR1003"')).toBeVisible();
    await picture(page, "send-by-hand");
    await expectAccessible(page);
    await preview.getByRole("button", { name: "Enviar 1" }).click();
    await expect(page.getByText("manual", { exact: true }).first()).toBeVisible();
  });
});

test("s4-7: a suspended endpoint says why, and is enabled with a choice of what becomes of the held", async ({
  page,
  api,
  host,
  open,
}) => {
  const { shop } = await seedOutbound(api, host.inbox);
  await open("/endpoints");
  await expect(page.getByText("Suspenso").first()).toBeVisible();
  await picture(page, "endpoints");
  await expectAccessible(page);
  await open(`/endpoints/${shop.id}`);
  await expect(page.getByText(/Suspenso em/)).toBeVisible();
  await picture(page, "endpoint-suspended");
  await expectAccessible(page);
  await api.put("/_local/inbox/loja", { status: 200 });
  await page
    .getByRole("button", { name: /^Habilitar/ })
    .first()
    .click();
  const dialog = page.getByRole("dialog").or(page.getByRole("alertdialog"));
  await expect(dialog).toBeVisible();
  await picture(page, "endpoint-enable");
  await expectAccessible(page);
  await dialog
    .getByRole("button", { name: /^Habilitar/ })
    .last()
    .click();
  await api.until(`/v1/endpoints/${shop.id}`, (row) => row.state === "active");
  await expect(page.getByText("Ativo").first()).toBeVisible();
});
