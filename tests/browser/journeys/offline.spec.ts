import type { Page, Route } from "@playwright/test";
import { type Api, items } from "../support/api.ts";
import { expectAccessible } from "../support/axe.ts";
import { picture } from "../support/pictures.ts";
import { seedInbound, seedOutbound } from "../support/seed.ts";
import { expect, test } from "../support/test.ts";

const API = "**/v1/**";
const REQUEST_ID = "Fk2XjhPKIAMEPaw=";
const bar = (page: Page) => page.getByText(/Sem conexão\. Tentando de novo/).last();
const title = (page: Page) => page.getByRole("heading", { level: 1 });
const loading = (page: Page) => page.getByRole("main").getByText("Carregando…");

/** Answers as the gateway or the function does when it cannot. */
const refuse = (route: Route, status: number, headers: Record<string, string> = {}) =>
  route.fulfill({
    status,
    headers: { "apigw-requestid": REQUEST_ID, ...headers },
    contentType: "application/json",
    body: JSON.stringify({ message: "Internal Server Error" }),
  });

/** The paths of the API that a screen reads while it opens. */
async function callsOf(page: Page, go: () => Promise<void>): Promise<string[]> {
  const paths = new Set<string>();
  const note = (request: { url: () => string; method: () => string }) => {
    const { pathname } = new URL(request.url());
    const reads = request.method() === "GET" && pathname.startsWith("/v1/");
    if (reads && !pathname.endsWith("/icon")) paths.add(pathname);
  };
  page.on("request", note);
  await go();
  await expect(loading(page)).toHaveCount(0);
  page.off("request", note);
  return [...paths];
}

test("offline: the network goes and comes back; what was read stays, and nothing is written twice", async ({
  page,
  api,
  open,
  faults,
  context,
}) => {
  faults.expect(/net::ERR_INTERNET_DISCONNECTED/);
  const { origin } = await seedInbound(api, 30);
  await page.clock.install();
  await open(`/origins/${origin}/webhooks?live=1`);
  await expect(page.getByRole("row")).toHaveCount(31);

  await test.step("the bar counts down, the rows stay", async () => {
    await context.setOffline(true);
    await expect(bar(page)).toHaveText(/em \d+ s$/);
    await expect(page.getByRole("button", { name: "Tentar agora" })).toBeVisible();
    await expect(page.getByRole("row")).toHaveCount(31);
    await picture(page, "offline-history");
    await expectAccessible(page);
    // It goes on trying for as long as it takes.
    await page.clock.runFor("02:00");
    await expect(bar(page)).toBeVisible();
    await page.getByRole("button", { name: "Tentar agora" }).click();
    await expect(bar(page)).toBeVisible();
  });

  await test.step("a screen that was never opened says so, and the page is not reloaded", async () => {
    await page.getByRole("link", { name: "Endpoints" }).click();
    await expect(page.getByRole("alert").getByText("Sem conexão com o Gancho.")).toBeVisible();
    await expect(page).toHaveURL(/\/endpoints$/);
    await picture(page, "offline-screen");
    await expectAccessible(page);
    await context.setOffline(false);
    await page.getByRole("button", { name: "Tentar de novo" }).click();
    await expect(title(page)).toHaveText("Endpoints");
    await page.goBack();
    await expect(page.getByRole("row")).toHaveCount(31);
    await expect(bar(page)).toHaveCount(0);
  });

  await test.step("when the network is back the bar goes by itself", async () => {
    await context.setOffline(true);
    await expect(bar(page)).toBeVisible();
    await context.setOffline(false);
    await expect(bar(page)).toHaveCount(0);
  });

  await test.step("a write that got no answer is told, kept in the form, and not repeated", async () => {
    await page.getByRole("link", { name: "Configurações" }).click();
    const name = page.getByRole("textbox", { name: "Nome" });
    await name.fill("Escrito sem rede");
    let writes = 0;
    page.on("request", (request) => {
      if (request.method() === "PATCH") writes += 1;
    });
    await context.setOffline(true);
    await page.getByRole("button", { name: "Salvar" }).click();
    await expect(page.getByRole("alert").getByText("Sem conexão com o Gancho.")).toBeVisible();
    await page.clock.runFor("02:00");
    await context.setOffline(false);
    await page.clock.runFor("02:00");
    expect(writes).toBe(1);
    await expect(name).toHaveValue("Escrito sem rede");
    await page.getByRole("button", { name: "Salvar" }).click();
    await expect(page.getByText("Configurações salvas").first()).toBeVisible();
    expect(writes).toBe(2);
    expect((await api.get("/v1/workspace")).name).toBe("Escrito sem rede");
  });
});

/** Screens with what they need to have something to show. */
const SCREENS: { name: string; path: (api: Api, inbox: string) => Promise<string> }[] = [
  {
    name: "home",
    path: async (api) => {
      await seedInbound(api, 20);
      return "/";
    },
  },
  {
    name: "history",
    path: async (api) => `/origins/${(await seedInbound(api, 20)).origin}/webhooks`,
  },
  {
    name: "delivery",
    path: async (api, inbox) => {
      await seedOutbound(api, inbox, 3);
      const [delivery] = items(await api.get("/v1/deliveries?limit=1"));
      return `/deliveries/${delivery?.id}`;
    },
  },
];

for (const screen of SCREENS) {
  test(`offline: 429 and 503 of every call of ${screen.name} are waited out, 500 of any spares the rest`, async ({
    page,
    api,
    host,
    open,
    faults,
  }) => {
    // A load of the page for each of its calls.
    test.slow();
    faults.expect(/the server responded with a status of (429|500|503)/);
    const path = await screen.path(api, host.inbox);
    const calls = await test.step("it opens", () => callsOf(page, () => open(path)));

    for (const [status, seconds] of [
      [429, "3"],
      [503, "2"],
    ] as const) {
      await test.step(`every call is answered ${status} for a while`, async () => {
        let refusing = true;
        await page.route(API, (route) =>
          refusing ? refuse(route, status, { "retry-after": seconds }) : route.fallback(),
        );
        await page.reload();
        await expect(bar(page)).toHaveText(new RegExp(`em [1-${seconds}] s$`));
        refusing = false;
        // What was refused four times is asked again after 15 s.
        await expect(bar(page)).toHaveCount(0, { timeout: 30_000 });
        await expect(loading(page)).toHaveCount(0);
        await expect(page.getByText("Esta parte falhou")).toHaveCount(0);
        await page.unroute(API);
      });
    }

    for (const call of calls) {
      await test.step(`${call} is answered 500`, async () => {
        const pattern = (url: URL) => url.pathname === call;
        await page.route(pattern, (route) => refuse(route, 500));
        await page.reload();
        await expect(title(page)).toBeVisible();
        await expect(loading(page)).toHaveCount(0);
        // The rest works: the bars, and every part that did not need this call.
        await expect(page.getByRole("navigation", { name: "Principal" })).toBeVisible();
        await expect(page.getByText("Algo deu errado nesta tela")).toHaveCount(0);
        await expect(bar(page)).toHaveCount(0);
        await page.unroute(pattern);
      });
    }
  });
}

test("offline: a part that failed has the request's id to copy, and tries again", async ({
  page,
  api,
  open,
  faults,
}) => {
  faults.expect(/the server responded with a status of 500/);
  const { origin } = await seedInbound(api, 20);
  const [webhook] = items(await api.get(`/v1/origins/${origin}/webhooks?limit=1`));
  const main = (url: URL) => url.pathname === `/v1/origins/${origin}/webhooks/${webhook?.id}`;
  await page.route(main, (route) => refuse(route, 500));
  await open(`/origins/${origin}/webhooks/${webhook?.id}`);
  const alert = page.getByRole("alert").filter({ hasText: "Esta parte falhou" });
  await alert.getByRole("button", { name: "Copiar detalhes" }).click();
  await expect(alert.getByRole("button", { name: "Copiado" })).toBeVisible();
  await picture(page, "failed-part");
  await expectAccessible(page);
  await page.keyboard.press("Control+K");
  const palette = page.getByRole("searchbox");
  await expect(palette).toBeFocused();
  await page.keyboard.press("Control+V");
  await expect(palette).toHaveValue(new RegExp(`status: 500.*request: ${REQUEST_ID}`));
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.unroute(main);
  await alert.getByRole("button", { name: "Tentar de novo" }).click();
  await expect(alert).toHaveCount(0);
  await expect(page.getByRole("tab", { name: "Payload" })).toBeVisible();
});

test("offline: a refused token is renewed once; a session that ended keeps what was typed", async ({
  page,
  api,
  key,
  open,
  faults,
  context,
}) => {
  faults.expect(/the server responded with a status of 401/);
  await open("/settings/general");
  const name = page.getByRole("textbox", { name: "Nome" });
  const save = page.getByRole("button", { name: "Salvar" });
  const asked: string[] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (request.method() !== "GET") asked.push(`${request.method()} ${pathname}`);
  });
  /** The gateway's own answer to a token that it no longer takes. */
  const refuseOnce = async () => {
    let refused = false;
    await page.route("**/v1/workspace", (route) => {
      if (refused || route.request().method() !== "PATCH") return route.fallback();
      refused = true;
      return refuse(route, 401);
    });
  };

  await test.step("one renewal, one repeat, and it is saved", async () => {
    await name.fill("Depois da renovação");
    asked.length = 0;
    await refuseOnce();
    await save.click();
    await expect(page.getByText("Configurações salvas").first()).toBeVisible();
    expect(asked).toEqual([
      "PATCH /v1/workspace",
      "POST /console/session/token",
      "PATCH /v1/workspace",
    ]);
    await page.unroute("**/v1/workspace");
  });

  await test.step("the session ended in the middle of a form: signing in happens above it", async () => {
    asked.length = 0;
    await name.fill("Digitado antes do fim");
    await context.clearCookies();
    await refuseOnce();
    await save.click();
    const dialog = page.getByRole("alertdialog", { name: "Sua sessão terminou" });
    await expect(dialog.getByText("O que você digitou continua aqui.")).toBeVisible();
    await picture(page, "session-ended");
    await expectAccessible(page);
    await dialog.getByText("Entrar com uma chave de API").click();
    await dialog.getByRole("textbox").fill(key);
    await dialog.getByRole("button", { name: "Entrar" }).click();
    await expect(dialog).toHaveCount(0);
    await expect(name).toHaveValue("Digitado antes do fim");
    expect(asked.filter((one) => one.startsWith("PATCH"))).toHaveLength(1);
    await save.click();
    await expect
      .poll(async () => (await api.get("/v1/workspace")).name)
      .toBe("Digitado antes do fim");
  });
});
