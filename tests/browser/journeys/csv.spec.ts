import { readFile } from "node:fs/promises";
import { seedInbound } from "../support/seed.ts";
import { expect, test } from "../support/test.ts";

test("csv: what the filter matches is saved whole, over more than one page", async ({
  page,
  api,
  open,
}) => {
  const { origin, form } = await seedInbound(api, 120);
  const saved = async () => {
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Exportar CSV" }).click(),
    ]);
    const lines = (await readFile(await file.path(), "utf8")).trimEnd().split("\n");
    return { name: file.suggestedFilename(), rows: lines.length - 1 };
  };

  await open(`/origins/${origin}/webhooks?from=-7d`);
  await expect(page.getByText("120 webhooks")).toBeVisible();
  expect(await saved()).toEqual({ name: "historico-vendas-7d-agora.csv", rows: 120 });
  await expect(page.getByText("CSV salvo: 120 linhas")).toBeVisible();

  await open(`/origins/${origin}/webhooks?status=error&integration=${form.id}`);
  await expect(page.getByText("14 webhooks")).toBeVisible();
  expect((await saved()).rows).toBe(14);
});
