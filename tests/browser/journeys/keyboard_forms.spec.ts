import type { Page } from "@playwright/test";
import type { Row } from "../support/api.ts";
import { press, pressUntil } from "../support/keyboard.ts";
import { expect, test } from "../support/test.ts";

/** Goes to a control with Tab and presses Enter on it. */
async function enter(page: Page, name: string | RegExp, key = "Tab"): Promise<void> {
  await pressUntil(page, page.getByRole("button", { name }).first(), { key });
  await press(page, "Enter");
}

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
