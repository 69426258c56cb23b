import type { Locator, Page } from "@playwright/test";
import { expectAccessible, findings } from "../support/axe.ts";
import { picture } from "../support/pictures.ts";
import { seedInbound } from "../support/seed.ts";
import { expectFocusInSight } from "../support/sight.ts";
import { expect, test } from "../support/test.ts";

const counter = (page: Page, text: string) =>
  expect(page.getByRole("status").filter({ hasText: text }).first()).toBeVisible();

/** Scrolls the page until the bar at the top covers a part of an element. */
async function underTheBar(covered: Locator): Promise<void> {
  await covered.evaluate((element) => {
    const bar = document.querySelector("header")?.getBoundingClientRect().height ?? 0;
    const { top, height } = element.getBoundingClientRect();
    scrollBy({ top: top + height * 0.6 - bar, behavior: "instant" });
  });
  const box = await covered.boundingBox();
  expect(box && box.y < 52 && box.y + box.height > 52, "the bar covers a part of it").toBe(true);
}

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

  await test.step("the drawer says why a webhook failed, and Escape goes back to the list", async () => {
    await page.getByRole("row").filter({ hasText: "Erro" }).first().getByText("Erro").click();
    await expect(page).toHaveURL(/[?&]w=whk_/);
    await expect(page.getByRole("link", { name: "$.email" })).toBeVisible();
    await picture(page, "webhook");
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await expect(page).not.toHaveURL(/[?&]w=/);
    await expect(page).toHaveURL(/status=error/);
  });

  await test.step("the whole page leads to the mapping at the field", async () => {
    await page.getByRole("grid").getByRole("link").first().click();
    await expect(page).toHaveURL(/\/webhooks\/whk_/);
    await page.getByRole("link", { name: "Abrir o mapeamento neste campo" }).click();
    await expect(page).toHaveURL(/\/integrations\/int_.*field=contact\.email/);
    await expect(page.getByRole("textbox", { name: /E-mail/ }).first()).toBeFocused();
    await expectFocusInSight(page);
    await picture(page, "mapping");
    await expectAccessible(page);
  });

  await test.step("how far the page is scrolled changes no finding; a small target stays one", async () => {
    const save = page.getByRole("button", { name: "Salvar mapeamento" });
    await underTheBar(save);
    await expectAccessible(page);
    const small =
      "min-width: 0; min-height: 0; width: 12px; height: 12px; padding: 0; margin: 0 0 0 -8px";
    await save.evaluate((button, rules) => {
      button.style.cssText = rules;
    }, small);
    expect((await findings(page, "light")).join()).toContain("target-size");
  });

  await test.step("a search runs on Enter", async () => {
    await open(`/origins/${origin}/webhooks`);
    const search = page
      .getByRole("searchbox")
      .or(page.getByPlaceholder(/chave do negócio/))
      .first();
    await search.fill("PED-7");
    await counter(page, "120 webhooks");
    await search.press("Enter");
    await counter(page, "1 webhook");
  });
});

test("s1: a page of 200 rows has no more than 6,000 elements", async ({ page, api, open }) => {
  const { origin } = await seedInbound(api, 200);
  await open(`/origins/${origin}/webhooks`);
  const rows = page.getByRole("grid").locator("tbody tr");
  await expect(async () => {
    await rows.last().scrollIntoViewIfNeeded();
    await expect(rows).toHaveCount(200, { timeout: 1_000 });
  }).toPass();
  const elements = await page.locator("*").count();
  test.info().annotations.push({ type: "elements", description: String(elements) });
  expect(elements).toBeLessThanOrEqual(6_000);
});
