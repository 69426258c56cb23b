import { expectAccessible } from "../support/axe.ts";
import { picture } from "../support/pictures.ts";
import { expect, test } from "../support/test.ts";

test("g-02: the printed link signs in and leaves no trace in the address", async ({
  page,
  host,
}) => {
  await page.goto(host.link);
  await expect(page).toHaveURL(/\/console\/w\/ws_/);
  expect(page.url()).not.toContain("entrar");
  await expect(page.getByRole("main")).toBeVisible();
});

test("g-02: a wrong key is refused in words, a right one signs in", async ({
  page,
  key,
  faults,
}) => {
  faults.expect(/401/);
  await page.goto("/console/sign-in");
  await picture(page, "sign-in");
  await expectAccessible(page);
  const field = page.getByRole("textbox");
  await page.getByText("Entrar com uma chave de API").click();
  await field.fill("gk_wrong");
  await field.press("Enter");
  await expect(page.getByText("Chave inválida ou revogada")).toBeVisible();
  await field.fill(key);
  await field.press("Enter");
  await expect(page).toHaveURL(/\/console\/w\/ws_/);
});
