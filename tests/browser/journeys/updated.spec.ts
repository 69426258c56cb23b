import type { Page } from "@playwright/test";
import { expectAccessible } from "../support/axe.ts";
import { picture } from "../support/pictures.ts";
import { expect, test } from "../support/test.ts";

/** Takes a file of the console away, as a deployment does; returns how often it was asked for. */
async function take(page: Page, file: string, times = Number.POSITIVE_INFINITY) {
  let asked = 0;
  await page.route(`**/console/assets/${file}-*.js`, (route) => {
    asked += 1;
    return asked > times
      ? route.fallback()
      : route.fulfill({ status: 404, contentType: "application/problem+json", body: "{}" });
  });
  return () => asked;
}

/** Counts the times that the browser loads the page itself. */
function countLoads(page: Page): () => number {
  let loads = 0;
  page.on("request", (request) => {
    if (request.isNavigationRequest()) loads += 1;
  });
  return () => loads;
}

const link = (page: Page, name: string) =>
  page.getByRole("navigation", { name: "Principal" }).getByRole("link", { name });

test("updated: a screen whose file is gone is opened by one reload of the same address", async ({
  page,
  open,
  faults,
}) => {
  faults.expect(/status of 404/);
  await open("/");
  await expect(page.getByText("Tudo em ordem")).toBeVisible();
  const loads = countLoads(page);
  await take(page, "Endpoints", 1);
  await link(page, "Endpoints").click();
  await expect(page.getByRole("heading", { level: 1, name: "Endpoints" })).toBeVisible();
  await expect(page).toHaveURL(/\/endpoints$/);
  expect(loads()).toBe(1);
  await page.goBack();
  await expect(page.getByText("Tudo em ordem")).toBeVisible();
});

test("updated: a file that is still gone after the reload is told, and the rest works", async ({
  page,
  open,
  faults,
}) => {
  faults.expect(/status of 404/);
  await open("/");
  await expect(page.getByText("Tudo em ordem")).toBeVisible();
  const loads = countLoads(page);
  await take(page, "Endpoints");
  await link(page, "Endpoints").click();
  await expect(page.getByRole("alert").getByText("O console foi atualizado")).toBeVisible();
  await expect(page).toHaveURL(/\/endpoints$/);
  expect(loads()).toBe(1);
  await picture(page, "updated-gone");
  await expectAccessible(page);
  await link(page, "Regras").click();
  await expect(page.getByRole("heading", { level: 1, name: "Regras" })).toBeVisible();
  await page.unroute("**/console/assets/Endpoints-*.js");
  await link(page, "Endpoints").click();
  await page.getByRole("button", { name: "Recarregar" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Endpoints" })).toBeVisible();
  expect(loads()).toBe(2);
});

test("updated: what was typed is not lost to a part whose file is gone", async ({
  page,
  open,
  faults,
}) => {
  faults.expect(/status of 404/);
  faults.expect(/PartGone/);
  await open("/settings/general");
  const name = page.getByRole("textbox", { name: "Nome" });
  await name.fill("Ainda não salvo");
  const loads = countLoads(page);
  await take(page, "Palette");
  await page.keyboard.press("Control+K");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText(/O que estiver digitado e não salvo se perde/)).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Recarregar" })).toBeVisible();
  await picture(page, "updated-typed");
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(name).toHaveValue("Ainda não salvo");
  expect(loads()).toBe(0);
});

test("updated: a part whose file is gone reloads a page on which nothing was typed", async ({
  page,
  open,
  faults,
}) => {
  faults.expect(/status of 404/);
  await open("/deliveries?tab=error");
  await expect(page.getByRole("heading", { level: 1, name: "Disparos" })).toBeVisible();
  const loads = countLoads(page);
  await take(page, "PeriodPanel", 1);
  await page.getByRole("button", { name: /Período/ }).click();
  await expect.poll(loads).toBe(1);
  await expect(page).toHaveURL(/tab=error/);
  await page.getByRole("button", { name: /Período/ }).click();
  await expect(page.getByRole("button", { name: "Últimos 7 dias" })).toBeVisible();
});
