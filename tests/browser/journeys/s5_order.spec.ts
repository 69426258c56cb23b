import type { Page } from "@playwright/test";
import { type Api, items, type Row } from "../support/api.ts";
import { expectAccessible } from "../support/axe.ts";
import { picture } from "../support/pictures.ts";
import { expect, test } from "../support/test.ts";

async function looked(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  await picture(page, `order-${name}`);
  await expectAccessible(page);
}

/** An ordered endpoint of the inbox whose rule is in force; `waits` are the seconds between its tries. */
async function ordered(api: Api, inbox: string, order: "skip" | "block", waits: number[]) {
  const name = `ordem-${order}`;
  await api.put(`/_local/inbox/${name}`, { status: 200 });
  const endpoint = await api.post("/v1/endpoints", {
    name: order === "skip" ? "Loja que segue" : "ERP que para",
    url: inbox.replace("inbox.", `${name}.`),
    policy: { waits, order, jitter_percent: 0, suspension: null },
  });
  await api.post("/v1/rules", {
    name: `Despachos ${order}`,
    filter: { types: ["order.dispatched"] },
    target: { endpoint: endpoint.id },
    method: "POST",
    body: "standard",
  });
  return { ...endpoint, answers: (status: number) => api.put(`/_local/inbox/${name}`, { status }) };
}

/** The delivery of an endpoint and a subject, once it is in a state. */
async function inState(api: Api, endpoint: Row, subject: string, state: string): Promise<Row> {
  const path = `/v1/deliveries?endpoint=${endpoint.id}&subject=${subject}&state=${state}`;
  const [found] = items(await api.until(path, (page) => items(page).length > 0));
  if (!found) throw new Error(`${subject} is not ${state}`);
  return found;
}

const publish = (api: Api, subject: string, status: string | null = null) =>
  api.post("/v1/events", {
    type: "order.dispatched",
    subject,
    subject_status: status,
    data: { order_number: subject },
  });

/** Publishes events until the rules, which take effect within seconds, make deliveries; waits for the last of them. */
async function untilRulesTakeEffect(api: Api, endpoints: readonly Row[]): Promise<void> {
  const sent = async ({ id }: Row) =>
    items(await api.get(`/v1/deliveries?endpoint=${id}&state=success`));
  await expect
    .poll(
      async () => {
        await publish(api, "AQUECE");
        return (await Promise.all(endpoints.map(sent))).every((rows) => rows.length > 0);
      },
      { timeout: 30_000, intervals: [1_000] },
    )
    .toBe(true);
  // Events of one subject are dispatched in their order: behind this one none is under way.
  await publish(api, "AQUECE", "pronto");
  for (const { id } of endpoints) {
    const isLast = (row: Row) => row.subject_status === "pronto";
    await api.until(`/v1/deliveries?endpoint=${id}&state=success`, (page) =>
      items(page).some(isLast),
    );
  }
}

test("s5_order: a new endpoint shows its line of tries, beside another preset's, and takes headers and limits", async ({
  page,
  api,
  open,
}) => {
  await open("/endpoints/new");
  await page.getByRole("textbox", { name: "Nome" }).fill("Parceiro");
  await page.getByRole("textbox", { name: "URL" }).fill("https://parceiro.example/ganchos");

  await test.step("30, 60 and 90 seconds are four tries in three minutes, in order", async () => {
    await page.getByRole("radio", { name: /^Como o respond.io/ }).check({ force: true });
    await expect(page.getByText("4 tentativas", { exact: true })).toBeVisible();
    const line = await page.getByText(/^Se falhar sempre: /).innerText();
    const [first, ...others] = [...line.matchAll(/(\d\d):(\d\d):(\d\d)/g)].map(
      ([, h, m, s]) => Number(h) * 3600 + Number(m) * 60 + Number(s),
    );
    const after = others.map((at) => (at - (first ?? 0) + 86_400) % 86_400);
    expect(after).toEqual([30, 90, 180]);
    expect(line).toContain("3 min depois da primeira");
    await expect(
      page.getByText(/Em ordem, uma por vez; a que falha de vez dá lugar/),
    ).toBeVisible();
  });

  await test.step("another preset is laid beside it, on the same scale", async () => {
    await page.getByRole("button", { name: /Comparar com$/ }).press("Enter");
    await page.getByRole("option", { name: "Padrão" }).press("Enter");
    const row = page.getByRole("row", { name: /^Tentativas/ });
    await expect(row.getByRole("cell")).toHaveText(["4", "10"]);
    const last = page.getByRole("row", { name: /^A última depois de/ });
    await expect(last.getByRole("cell")).toHaveText(["3 min", "3 d 3 h"]);
    await looked(page, "compare");
  });

  await test.step("a header that is not allowed is refused at its field", async () => {
    await page.getByText("Cabeçalhos próprios e limites").click();
    await page.getByRole("button", { name: "Adicionar cabeçalho" }).press("Enter");
    await expect(page.getByRole("textbox", { name: "Nome do cabeçalho 1" })).toBeFocused();
    await page.keyboard.type("x-parceiro");
    await page.getByRole("textbox", { name: "Valor do cabeçalho 1" }).fill("abc");
    await page.getByRole("textbox", { name: "Por segundo, no máximo" }).fill("5");
    await page.getByRole("button", { name: "Adicionar cabeçalho" }).press("Enter");
    await page.keyboard.type("x-outro");
    await page.getByRole("button", { name: "Remover o cabeçalho 2" }).press("Enter");
    await expect(page.getByRole("button", { name: "Adicionar cabeçalho" })).toBeFocused();
    await looked(page, "extras");
  });

  await test.step("the secret is shown once, and the endpoint has what was asked for", async () => {
    await page.getByRole("button", { name: "Criar endpoint" }).click();
    await page.getByRole("button", { name: "Já guardei" }).click();
    await expect(page.getByRole("heading", { name: "Parceiro" })).toBeVisible();
    const [made] = items(await api.get("/v1/endpoints"));
    expect(made).toMatchObject({
      preset: "respond-io",
      headers: [{ name: "x-parceiro", value: "abc" }],
      limits: { rate_per_second: 5 },
    });
  });

  await test.step("its secret is rotated with the hours in which both are valid", async () => {
    await page.getByRole("tab", { name: "Segredo" }).click();
    await page.getByRole("button", { name: "Trocar segredo" }).click();
    const dialog = page.getByRole("alertdialog", { name: "Trocar o segredo?" });
    const hours = dialog.getByRole("textbox", { name: "Horas em que os dois valem" });
    await hours.fill("200");
    await expect(dialog.getByText("De 0 (só o novo, já) a 168 (7 dias).").first()).toBeVisible();
    await hours.fill("48");
    await looked(page, "rotate");
    await dialog.getByRole("button", { name: "Trocar segredo" }).click();
    await page.getByRole("button", { name: "Já guardei" }).click();
    await expect(page.getByText(/as requisições levam as duas assinaturas/)).toBeVisible();
    const [one] = items(await api.get("/v1/endpoints"));
    const left = Date.parse(String(one?.secret_previous_until)) - Date.now();
    expect(left / 3_600_000).toBeGreaterThan(47);
    expect(left / 3_600_000).toBeLessThan(48.1);
  });
});

test("s5_order: the lane is shown; skip goes on with the next, block waits for a person", async ({
  page,
  api,
  host,
  open,
}) => {
  const skip = await ordered(api, host.inbox, "skip", [1]);
  const block = await ordered(api, host.inbox, "block", [1]);
  await untilRulesTakeEffect(api, [skip, block]);

  await test.step("after a failure for good, one endpoint goes on and the other stands still", async () => {
    await Promise.all([skip.answers(500), block.answers(500)]);
    await publish(api, "PED-1");
    await inState(api, skip, "PED-1", "failure");
    await inState(api, block, "PED-1", "failure");
    await Promise.all([skip.answers(200), block.answers(200)]);
    await publish(api, "PED-2");
    await inState(api, skip, "PED-2", "success");
    const waiting = await inState(api, block, "PED-2", "queued");
    await open(`/endpoints/${block.id}`);
    const said = page.getByText(/o disparo PED-1 falhou de vez, e 1 espera atrás dele/);
    await expect(said).toBeVisible();
    await looked(page, "stopped");
    await open(`/deliveries/${waiting.id}`);
  });

  await test.step("the one behind shows its place and the delivery it waits for", async () => {
    await expect(
      page.getByText("Espera a vez: o endpoint recebe um por vez, em ordem."),
    ).toBeVisible();
    await expect(page.getByText(/^fila 1, lugar \d+; espera pelo disparo/)).toBeVisible();
    await looked(page, "lane");
    await page.getByText("espera pelo disparo").getByRole("link", { name: "PED-1" }).click();
    await expect(page.getByText(/O endpoint para aqui: os disparos atrás deste/)).toBeVisible();
    await looked(page, "blocks");
  });

  await test.step("a person tries it again, and the lane goes on", async () => {
    await page.getByRole("button", { name: "Tentar agora" }).press("Enter");
    await inState(api, block, "PED-1", "success");
    await inState(api, block, "PED-2", "success");
    await expect(page.getByText(/^Entregue em/)).toBeVisible();
  });

  await test.step("or discards it, and the lane goes on", async () => {
    await block.answers(500);
    await publish(api, "PED-3");
    const failed = await inState(api, block, "PED-3", "failure");
    await block.answers(200);
    await publish(api, "PED-4");
    await inState(api, block, "PED-4", "queued");
    await open(`/deliveries/${failed.id}`);
    await page.getByRole("button", { name: "Descartar" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Descartar 1" }).click();
    await inState(api, block, "PED-4", "success");
    await inState(api, block, "PED-3", "discarded");
  });
});

test("s5_order: a delivery in order that failed once shows the line of its 30, 60 and 90 seconds", async ({
  page,
  api,
  host,
  open,
}) => {
  const endpoint = await ordered(api, host.inbox, "skip", [30, 60, 90]);
  await untilRulesTakeEffect(api, [endpoint]);
  await endpoint.answers(500);
  await publish(api, "PED-8");
  const first = await inState(api, endpoint, "PED-8", "retrying");
  await publish(api, "PED-9");
  const behind = await inState(api, endpoint, "PED-9", "queued");
  await open(`/deliveries/${behind.id}`);
  await page.getByText("espera pelo disparo").getByRole("link", { name: "PED-8" }).click();
  await expect(page).toHaveURL(new RegExp(first.id));
  await expect(page.getByText(/Ainda restam 3 tentativas, a última/)).toBeVisible();
  await looked(page, "line");
});
