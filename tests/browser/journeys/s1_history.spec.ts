import type { Page } from "@playwright/test";
import { expectAccessible } from "../support/axe.ts";
import { picture } from "../support/pictures.ts";
import { seedInbound } from "../support/seed.ts";
import { expect, test } from "../support/test.ts";

const counter = (page: Page, text: string) => expect(page.getByRole("status").filter({ hasText: text }).first()).toBeVisible();

test("s1: the history is filtered, opened and read, and the address keeps it all", async ({
  page,
  api,
  open,
}) => {
  const { origin, form } = await seedInbound(api);
  await open(`/origins/${origin}/webhooks`);
  await expect(page.getByRole("heading", { name: "Histórico" })).toBeVisible();
  await counter(page, "120 webhooks");
  await picture(page, "history");
  await expectAccessible(page);

  await test.step("a filter counts, clears, and survives a reload", async () => {
    await expect(page.getByRole("button", { name: "Limpar filtros" })).toHaveCount(0);
    await open(`/origins/${origin}/webhooks?status=error&integration=${form.id}`);
    await counter(page, "14 webhooks");
    await page.reload();
    await counter(page, "14 webhooks");
    await page.getByRole("button", { name: "Limpar filtros" }).click();
    await counter(page, "120 webhooks");
    await page.goBack();
    await counter(page, "14 webhooks");
  });

  await test.step("a webhook says why it failed, and Escape goes back to the list", async () => {
    await page.getByRole("grid").getByRole("link").first().click();
    const drawer = page.getByRole("complementary").or(page.getByRole("dialog")).last();
    await expect(drawer.getByText("$.email").first()).toBeVisible();
    await picture(page, "webhook");
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await expect(page).toHaveURL(/status=error/);
    await expect(page).not.toHaveURL(/[?&]w=/);
  });

  await test.step("a search runs on Enter", async () => {
    await open(`/origins/${origin}/webhooks`);
    const search = page.getByRole("searchbox").or(page.getByPlaceholder(/chave do negócio/)).first();
    await search.fill("PED-7");
    await counter(page, "120 webhooks");
    await search.press("Enter");
    await counter(page, "1 webhook");
  });
});
