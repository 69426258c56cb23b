import { expectAccessible } from "../support/axe.ts";
import { picture } from "../support/pictures.ts";
import { seedInbound } from "../support/seed.ts";
import { expect, test } from "../support/test.ts";

test("s1: a field has moved: the mapping is mended by a click, saved, and fourteen are reprocessed", async ({
  page,
  api,
  open,
}) => {
  const { origin, form } = await seedInbound(api);
  const failed = `/v1/origins/${origin}/webhooks?status=error&integration=${form.id}`;
  const [newest] = (await api.get(failed)).items as { id: string }[];
  await open(`/integrations/${form.id}?webhook=${newest?.id}&field=contact.email`);

  await test.step("a click on the value offers the field, and the result follows", async () => {
    await page.getByText('"pessoa119@example.com"').click();
    const use = page.getByRole("dialog", { name: "Usar em um campo" });
    await expect(use.getByRole("combobox", { name: "Campo" })).toHaveValue("Contato: E-mail");
    await expect(use.getByText("$.e_mail")).toBeVisible();
    await picture(page, "mapping-use");
    await expectAccessible(page);
    await use.getByRole("button", { name: "Usar" }).click();
    await expect(page.getByText("Com este exemplo o webhook ficaria com erro")).toHaveCount(0);
    await picture(page, "mapping-mended");
  });

  await test.step("the mapping is saved with its difference", async () => {
    await page.getByRole("button", { name: "Salvar mapeamento" }).click();
    const dialog = page.getByRole("dialog").or(page.getByRole("alertdialog"));
    await expect(dialog).toBeVisible();
    await expect(dialog.getByText(/\$\.e_mail/).first()).toBeVisible();
    await picture(page, "mapping-save");
    await expectAccessible(page);
    await dialog
      .getByRole("button", { name: /^Salvar/ })
      .last()
      .click();
    await expect(dialog).toHaveCount(0);
  });

  await test.step("the number is named before fourteen are reprocessed", async () => {
    await page.getByRole("button", { name: "Reprocessar os 14 com erro" }).click();
    const confirm = page.getByRole("button", { name: "Reprocessar 14" });
    await expect(confirm).toBeVisible();
    await picture(page, "reprocess");
    await expectAccessible(page);
    await confirm.click();
    await api.until(failed, (list) => list.count === 0);
  });
});
