import type { Page } from "@playwright/test";
import { expectAccessible } from "../support/axe.ts";
import { press, pressUntil } from "../support/keyboard.ts";
import { picture } from "../support/pictures.ts";
import { seedInbound, seedOutbound } from "../support/seed.ts";
import { expect, test } from "../support/test.ts";

const counter = (page: Page, text: string) =>
  expect(page.getByRole("status").filter({ hasText: text }).first()).toBeVisible({
    timeout: 40_000,
  });

/** The text that the page copied last; the console's pages may not read the clipboard. */
const copied = (page: Page) => page.evaluate(() => Reflect.get(globalThis, "copiedText") as string);

test.beforeEach(async ({ context }) => {
  await context.addInitScript(() => {
    const writeText = async (text: string) => {
      Reflect.set(globalThis, "copiedText", text);
    };
    Object.defineProperty(navigator, "clipboard", { value: { writeText } });
  });
});

test("keyboard: the history is filtered, opened, copied and left without a pointer", async ({
  page,
  api,
  open,
}) => {
  const { origin } = await seedInbound(api, 40);
  await open(`/origins/${origin}/webhooks`);
  await counter(page, "40 webhooks");
  const row = (at: number) => page.getByRole("grid").getByRole("row").nth(at);

  await test.step("a filter is chosen, counts, and is cleared", async () => {
    await press(page, "f");
    await expect(page.getByRole("button", { name: "Data" })).toBeFocused();
    await press(page, "Tab", "Enter");
    await expect(page.getByRole("option", { name: "Sucesso" })).toBeFocused();
    await press(page, "ArrowDown", "Space", "Escape");
    await expect(page).toHaveURL(/status=error/);
    await counter(page, "18 webhooks");
    await expect(page.getByRole("button", { name: "Status: Erro" })).toBeFocused();
    await press(page, "x");
    await counter(page, "40 webhooks");
    await expect(page.getByRole("button", { name: "Data" })).toBeFocused();
  });

  await test.step("a search runs on Enter, and letters in it are text", async () => {
    await press(page, "/");
    const search = page.getByRole("searchbox");
    await expect(search).toBeFocused();
    await page.keyboard.type("PED-7xjc?");
    await expect(search).toHaveValue("PED-7xjc?");
    await press(page, "Backspace", "Backspace", "Backspace", "Backspace", "Enter");
    await counter(page, "1 webhook");
    await press(page, "Escape");
    await counter(page, "40 webhooks");
    // Out of the field, so that letters are keys again.
    await press(page, "Shift+Tab");
  });

  await test.step("rows are walked through, one is opened, its JSON is copied, the next one follows", async () => {
    await press(page, "j");
    await expect(row(1)).toBeFocused();
    await press(page, "j");
    await expect(row(2)).toBeFocused();
    await press(page, "k", "Enter");
    await expect(page).toHaveURL(/[?&]w=whk_/);
    const drawer = page.getByRole("dialog");
    await expect(drawer.getByRole("button", { name: "Copiar payload" })).toBeVisible();
    await press(page, "c");
    await expect(page.getByText("Payload copiado")).toBeVisible();
    expect(JSON.parse(await copied(page))).toMatchObject({ pedido: "PED-39" });
    const first = page.url();
    await press(page, "]");
    await expect.poll(() => page.url()).not.toBe(first);
    await press(page, "[");
    await expect(page).toHaveURL(first);
    await press(page, "x");
    await expect(page).toHaveURL(first);
    await press(page, "Escape");
    await expect(page).not.toHaveURL(/[?&]w=/);
    await expect(row(1)).toBeFocused();
  });

  await test.step("a row has its menu, and gets the focus back", async () => {
    await press(page, "Shift+F10");
    await expect(page.getByRole("menuitem", { name: "Ver detalhes" })).toBeFocused();
    await press(page, "ArrowDown", "Escape");
    await expect(page.getByRole("menu")).toHaveCount(0);
    await expect(row(1)).toBeFocused();
  });

  await test.step("Shift A selects all of the filter, which is counted before anything is done", async () => {
    await press(page, "Shift+A");
    const bar = page.getByRole("toolbar", { name: "Todos os 40 do filtro" });
    await expect(bar).toBeVisible();
    await picture(page, "history-all-selected");
    await pressUntil(page, bar.getByRole("button", { name: "Reprocessar…" }), { key: "Shift+Tab" });
    await press(page, "Enter");
    const ask = page.getByRole("alertdialog", { name: "Reprocessar webhooks" });
    await expect(ask.getByRole("button", { name: "Reprocessar 40" })).toBeVisible();
    await expect(ask.getByRole("button", { name: "Cancelar" })).toBeFocused();
    await press(page, "Escape");
    await expect(ask).toHaveCount(0);
    await expect(bar.getByRole("button", { name: "Reprocessar…" })).toBeFocused();
  });

  await test.step("a whole page copies its link, and asks before it reprocesses", async () => {
    await press(page, "j", "o");
    await expect(page).toHaveURL(/\/webhooks\/whk_/);
    await expect(page.getByRole("button", { name: "Copiar payload" })).toBeVisible();
    await press(page, "l");
    await expect.poll(() => copied(page)).toBe(page.url());
    await press(page, "p");
    const ask = page.getByRole("alertdialog", { name: "Reprocessar webhooks" });
    await expect(ask).toBeVisible();
    await press(page, "Escape");
    await expect(ask).toHaveCount(0);
    await press(page, "g", "w");
    await expect(page).toHaveURL(/\/webhooks$/);
  });

  await test.step("? lists the keys, and switches the letters off", async () => {
    await press(page, "f", "?");
    const list = page.getByRole("dialog", { name: "Atalhos de teclado" });
    await expect(list.getByText("Limpar filtros")).toBeVisible();
    await picture(page, "keys");
    await expectAccessible(page);
    await pressUntil(page, list.getByRole("switch", { name: "Atalhos de uma letra" }));
    await press(page, "Space");
    await picture(page, "keys-off");
    await press(page, "Escape");
    await expect(page.getByRole("button", { name: "Data" })).toBeFocused();
    await press(page, "/");
    await expect(page.getByRole("searchbox")).not.toBeFocused();
    await press(page, "Control+k");
    await expect(page.getByPlaceholder(/^Nome, número do pedido/)).toBeFocused();
    await press(page, "Escape");
    await press(page, "?");
    await expect(list).toHaveCount(0);
  });
});

test("keyboard: deliveries by tab and by calendar, a search, one sent by hand without a pointer", async ({
  page,
  api,
  host,
  open,
}) => {
  await seedOutbound(api, host.inbox);
  await open("/deliveries");
  const grid = page.getByRole("grid", { name: "Disparos" });
  await counter(page, "disparos");

  await test.step("arrows walk through the tabs, Enter chooses one", async () => {
    await pressUntil(page, page.getByRole("tab", { name: /Todos os envios/ }));
    await press(page, "ArrowRight", "ArrowRight", "ArrowRight", "Enter");
    await expect(page).toHaveURL(/tab=success/);
    await counter(page, "12 disparos");
  });

  await test.step("days are typed as they are written in Portuguese, and walked through", async () => {
    await press(page, "f", "Enter");
    const panel = page.getByRole("dialog", { name: "Período" });
    await expect(panel.getByRole("button", { name: "Hoje", exact: true })).toBeVisible();
    await pressUntil(page, panel.getByRole("spinbutton", { name: /^dia, De/ }));
    const [from, to] = [dayBefore(2), dayBefore(1)];
    // The focus goes from a full segment to the next one.
    await press(page, ...from.dmy, "Tab", ...to.dmy);
    await expect(page).toHaveURL(new RegExp(`from=${from.iso}&to=${to.iso}`));
    await picture(page, "period-by-keyboard");
    await pressUntil(page, panel.locator("[role=gridcell] [tabindex='0']"));
    const third = dayBefore(3);
    const cell = panel.locator(`[role=gridcell] [aria-label*="${third.day} de ${third.month}"]`);
    await pressUntil(page, cell, { key: "ArrowLeft", most: 4 });
    // The first Enter begins and goes on to the day after, the second one ends there.
    await press(page, "Enter", "Enter");
    await expect(page).toHaveURL(new RegExp(`from=${third.iso}&to=${dayBefore(2).iso}`));
    await press(page, "Escape");
    await expect(panel).toHaveCount(0);
    await counter(page, "0 disparos");
    await press(page, "x");
    await expect(page).not.toHaveURL(/from=/);
  });

  await test.step("an order number and Enter, then the drawer and back to its row", async () => {
    await press(page, "/");
    await page.keyboard.type("PED-3");
    await press(page, "Enter");
    await expect(page).toHaveURL(/subject=PED-3/);
    await counter(page, "1 disparo");
    await press(page, "Shift+Tab", "j", "Enter");
    await expect(page).toHaveURL(/[?&]d=dlv_/);
    await expect(page.getByRole("dialog").getByText("HTTP 200")).toBeVisible();
    await press(page, "c");
    await expect.poll(() => copied(page)).toContain("BR1003");
    await press(page, "p");
    const ask = page.getByRole("alertdialog", { name: "Reenviar este disparo?" });
    await expect(ask.getByRole("button", { name: "Cancelar" })).toBeFocused();
    await press(page, "Escape");
    await expect(ask).toHaveCount(0);
    await press(page, "Escape");
    await expect(page).not.toHaveURL(/[?&]d=/);
    await expect(grid.getByRole("row").nth(1)).toBeFocused();
  });

  await test.step("one is sent by hand after a preview, and the focus returns", async () => {
    const send = page.getByRole("button", { name: "Enviar webhook manualmente" });
    await pressUntil(page, send, { key: "Shift+Tab" });
    await press(page, "Enter");
    const dialog = page.getByRole("dialog", { name: "Enviar webhook manualmente" });
    const subject = dialog.getByRole("textbox", { name: /Número do pedido/ });
    await expect(subject).toBeFocused();
    await expect(subject).toHaveValue("PED-3");
    await pressUntil(page, dialog.getByRole("button", { name: /Regra/ }), { most: 4 });
    await press(page, "Enter");
    const rule = page.getByRole("option", { name: "Despachos para o ERP" });
    await expect(rule).toBeVisible();
    await pressUntil(page, rule, { key: "ArrowDown", most: 5 });
    await press(page, "Enter");
    await pressUntil(page, dialog.getByRole("button", { name: "Pré-visualizar" }), { most: 4 });
    await press(page, "Enter");
    const preview = page.getByRole("dialog", { name: "1 requisição seria enviada" });
    await expect(preview.getByText('"BR1003"')).toBeVisible();
    await pressUntil(page, preview.getByRole("button", { name: "Enviar 1" }), { most: 12 });
    await press(page, "Enter");
    await expect(grid.getByText("manual", { exact: true }).first()).toBeVisible();
    await expect(send).toBeFocused();
  });
});

/** A day of the workspace's zone, as the address and as a person in Brazil write it. */
function dayBefore(days: number) {
  const at = new Date(Date.now() - days * 86_400_000);
  const iso = new Intl.DateTimeFormat("sv-SE", { timeZone: "America/Sao_Paulo" }).format(at);
  const [year, month, day] = iso.split("-");
  const zone = { timeZone: "America/Sao_Paulo" };
  const name = new Intl.DateTimeFormat("pt-BR", { ...zone, month: "long" }).format(at);
  return { iso, dmy: `${day}${month}${year}`, day: Number(day), month: name };
}
