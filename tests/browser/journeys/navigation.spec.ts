import { expectAccessible } from "../support/axe.ts";
import { picture } from "../support/pictures.ts";
import { seedInbound } from "../support/seed.ts";
import { expect, test } from "../support/test.ts";

test("navigation: links, Back, the bars' menus and a question before what was typed is left", async ({
  page,
  api,
  open,
}) => {
  const { origin } = await seedInbound(api, 60);
  const bar = page.getByRole("navigation", { name: "Principal" });
  const user = page.getByRole("button", { name: /Minha conta e preferências/ });

  await test.step("Back from a screen finds the list where it was", async () => {
    await open(`/origins/${origin}/webhooks`);
    const row = page.getByRole("row").nth(30);
    await row.scrollIntoViewIfNeeded();
    const before = await page.evaluate(() => scrollY);
    expect(before).toBeGreaterThan(0);
    await row.getByRole("link").first().click();
    await expect(page).not.toHaveURL(/\/webhooks$/);
    await expect.poll(() => page.evaluate(() => scrollY)).toBe(0);
    await page.goBack();
    await expect(row).toBeInViewport();
    await expect.poll(() => page.evaluate(() => scrollY)).toBe(before);
  });

  await test.step("a link of the bar loads no page, and says where the reader is", async () => {
    await page.evaluate(() => Object.assign(globalThis, { sameDocument: true }));
    await bar.getByRole("link", { name: "Endpoints" }).click();
    await expect(page).toHaveURL(/\/endpoints$/);
    await expect(bar.getByRole("link", { name: "Endpoints" })).toHaveAttribute(
      "aria-current",
      "page",
    );
    expect(await page.evaluate(() => "sameDocument" in globalThis)).toBe(true);
  });

  await test.step("the reader's menu opens by keyboard, and gives the focus back", async () => {
    await user.focus();
    await page.keyboard.press("ArrowDown");
    await expect(page.getByRole("menuitem", { name: "Minha conta" })).toBeFocused();
    await picture(page, "user-menu");
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("menu")).toHaveCount(0);
    await expect(user).toBeFocused();
    await user.click();
    await page.getByRole("menuitemradio", { name: "Escuro" }).click();
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    await expect(page.getByRole("menu")).toHaveCount(0);
  });

  await test.step("the palette goes to a screen", async () => {
    await page.keyboard.press("Control+k");
    await page.getByRole("searchbox", { name: "Buscar ou ir para" }).fill("Regras");
    await page.getByRole("menuitem", { name: "Regras", exact: true }).click();
    await expect(page).toHaveURL(/\/rules$/);
  });

  await test.step("a changed form asks before it is left, by a link and by Back", async () => {
    await open("/rules");
    await page.getByRole("link", { name: "Nova regra" }).click();
    await expect(page).toHaveURL(/\/rules\/new$/);
    await page.getByRole("textbox", { name: "Nome" }).fill("Pedidos");
    await bar.getByRole("link", { name: "Avisos" }).click();
    const question = page.getByRole("alertdialog", { name: "Sair sem salvar?" });
    await question.getByRole("button", { name: "Cancelar" }).click();
    await expect(page.getByRole("textbox", { name: "Nome" })).toHaveValue("Pedidos");
    await page.goBack();
    await expect(question).toBeVisible();
    await expect(page).toHaveURL(/\/rules\/new$/);
    await question.getByRole("button", { name: "Sair" }).click();
    await expect(page).toHaveURL(/\/rules$/);
  });

  await test.step("an address without a screen says so between the bars", async () => {
    await open("/nothing/here");
    await expect(page.getByRole("heading", { name: "Não encontrado" })).toBeVisible();
    await expect(bar).toBeVisible();
  });

  await test.step("on a narrow page the bar is a drawer that closes behind the reader", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole("button", { name: "Menu", exact: true }).click();
    await page.getByRole("dialog", { name: "Principal" }).getByText("Trabalhos").click();
    await expect(page).toHaveURL(/\/jobs$/);
    await expect(page.getByRole("dialog")).toHaveCount(0);
  });
});
