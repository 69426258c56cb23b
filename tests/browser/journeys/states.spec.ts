import type { Page } from "@playwright/test";
import type { Api } from "../support/api.ts";
import { expectDenied, fail, hold, look } from "../support/states.ts";
import { expect, test } from "../support/test.ts";

/** One of each thing that a screen can show. */
interface Seed {
  origin: string;
  webhook: string;
  integration: string;
  endpoint: string;
  rule: string;
}

interface Screen {
  name: string;
  path: (seed: Seed) => string;
  /** The call without which the screen has nothing to show, by its path. */
  main?: (seed: Seed) => string;
  /** The text that stands where a list would be. */
  empty?: string | RegExp;
  /** The path of a thing that is not there. */
  unknown?: string;
  /** A control that a key with the role viewer may not use. */
  denied?: string;
  /** The sentence that a viewer finds in place of the screen. */
  refused?: string;
}

const ZEROS = "0".repeat(32);

const SCREENS: Screen[] = [
  {
    name: "home",
    path: () => "/",
    main: () => "/v1/endpoints",
    empty: "Primeiros passos",
  },
  {
    name: "origins",
    path: () => "/origins",
    main: () => "/v1/origins",
    empty: /Uma origem reúne/,
    denied: "Nova origem",
  },
  {
    name: "origin-settings",
    path: ({ origin }) => `/origins/${origin}/settings`,
    main: ({ origin }) => `/v1/origins/${origin}`,
    unknown: `/origins/ori_${ZEROS}/settings`,
    denied: "Salvar",
  },
  {
    name: "history",
    path: ({ origin }) => `/origins/${origin}/webhooks`,
    main: ({ origin }) => `/v1/origins/${origin}/webhooks`,
    unknown: `/origins/ori_${ZEROS}/webhooks`,
    denied: "Reprocessar…",
  },
  {
    name: "webhook",
    path: ({ origin, webhook }) => `/origins/${origin}/webhooks/${webhook}`,
    main: ({ origin, webhook }) => `/v1/origins/${origin}/webhooks/${webhook}`,
    unknown: `/origins/ori_${ZEROS}/webhooks/whk_${ZEROS}`,
    denied: "Reprocessar",
  },
  {
    name: "integrations",
    path: () => "/integrations",
    main: () => "/v1/integrations",
    empty: "Nenhuma integração ainda",
    denied: "Nova integração",
  },
  {
    name: "wizard",
    path: () => "/integrations/new",
    main: () => "/v1/applications",
    refused: "Só quem administra pode mudar isto",
  },
  {
    name: "integration",
    path: ({ integration }) => `/integrations/${integration}`,
    main: ({ integration }) => `/v1/integrations/${integration}`,
    unknown: `/integrations/int_${ZEROS}`,
    denied: "Salvar mapeamento",
  },
  {
    name: "rules",
    path: () => "/rules",
    main: () => "/v1/rules",
    empty: "Nenhuma regra ainda",
    denied: "Nova regra",
  },
  {
    name: "new-rule",
    path: () => "/rules/new",
    main: () => "/v1/event-types",
    denied: "Salvar",
  },
  {
    name: "rule",
    path: ({ rule }) => `/rules/${rule}`,
    main: ({ rule }) => `/v1/rules/${rule}`,
    unknown: `/rules/rule_${ZEROS}`,
    denied: "Salvar",
  },
  {
    name: "event-types",
    path: () => "/event-types",
    main: () => "/v1/event-types",
    denied: "Publicar evento",
  },
  {
    name: "timeline",
    path: () => "/subjects?key=PED-404",
    main: () => "/v1/subjects",
    empty: "Nada com esta chave na retenção",
  },
  {
    name: "jobs",
    path: () => "/jobs",
    main: () => "/v1/jobs",
    empty: /Nenhum trabalho/,
  },
  {
    name: "job",
    path: () => `/jobs/job_${ZEROS}`,
    main: () => `/v1/jobs/job_${ZEROS}`,
    unknown: `/jobs/job_${ZEROS}`,
  },
  {
    name: "deliveries",
    path: () => "/deliveries",
    main: () => "/v1/deliveries",
    empty: /Nenhum disparo ainda/,
    denied: "Enviar webhook manualmente",
  },
  {
    name: "delivery",
    path: () => `/deliveries/dlv_${ZEROS}`,
    main: () => `/v1/deliveries/dlv_${ZEROS}`,
    unknown: `/deliveries/dlv_${ZEROS}`,
  },
  {
    name: "endpoints",
    path: () => "/endpoints",
    main: () => "/v1/endpoints",
    empty: "Nenhum endpoint ainda",
    denied: "Novo endpoint",
  },
  { name: "new-endpoint", path: () => "/endpoints/new", denied: "Criar endpoint" },
  {
    name: "endpoint",
    path: ({ endpoint }) => `/endpoints/${endpoint}`,
    main: ({ endpoint }) => `/v1/endpoints/${endpoint}`,
    unknown: `/endpoints/ep_${ZEROS}`,
    denied: "Desativar",
  },
  {
    name: "notices",
    path: () => "/notices",
    main: () => "/v1/notices",
    empty: "Nenhum aviso",
  },
  {
    name: "settings-general",
    path: () => "/settings/general",
    main: () => "/v1/workspace",
    denied: "Salvar",
  },
  {
    name: "settings-recipients",
    path: () => "/settings/recipients",
    main: () => "/v1/workspace",
    empty: "Ninguém recebe os avisos por e-mail.",
    denied: "Adicionar",
  },
];

async function seedOne(api: Api, inbox: string): Promise<Seed> {
  const origin = await api.post("/v1/origins", { name: "Vendas", stages: [{ name: "Novo" }] });
  const integration = await api.post("/v1/integrations", {
    origin: origin.id,
    application: "webhook",
    name: "Site",
    mapping: { fields: [{ target: "contact.email", path: "$.email", required: true }] },
  });
  const webhook = await api.webhook(String(integration.url), { email: "ana@example.com" });
  const endpoint = await api.post("/v1/endpoints", { name: "ERP", url: inbox });
  const rule = await api.post("/v1/rules", {
    name: "Despachos",
    filter: { types: ["order.dispatched"] },
    target: { endpoint: endpoint.id },
    method: "POST",
    body: "standard",
  });
  const path = `/v1/origins/${origin.id}/webhooks/${webhook}`;
  await api.until(path, ({ status }) => status === "success");
  return {
    origin: origin.id,
    integration: integration.id,
    webhook,
    endpoint: endpoint.id,
    rule: rule.id,
  };
}

const skeleton = (page: Page) => page.getByRole("main").getByText("Carregando…").first();

for (const screen of SCREENS) {
  test(`states: ${screen.name}`, async ({ page, api, host, open, openAs, faults }) => {
    faults.expect(/the server responded with a status of (404|500)/);

    if (screen.empty !== undefined) {
      await test.step("empty: it says what would be here", async () => {
        await open(
          screen.path({ origin: "", webhook: "", integration: "", endpoint: "", rule: "" }),
        );
        await expect(
          page
            .getByRole("main")
            .getByText(screen.empty ?? "")
            .first(),
        ).toBeVisible();
        await look(page, `${screen.name}-empty`);
      });
    }

    const seed = await seedOne(api, host.inbox);
    const main = screen.main?.(seed);
    if (main !== undefined) {
      const isMain = (url: URL) => url.pathname === main;
      await test.step("loading: it keeps the place of what comes", async () => {
        const held = hold();
        await page.route(isMain, held.route);
        await open(screen.path(seed));
        await expect(skeleton(page)).toBeVisible();
        await look(page, `${screen.name}-loading`);
        held.release();
        await page.unroute(isMain);
      });
      await test.step("error: the part says so, and what helps", async () => {
        await page.route(isMain, fail);
        await page.reload();
        const alert = page.getByRole("alert").filter({ hasText: "Esta parte falhou" }).first();
        await expect(alert.getByRole("button", { name: "Copiar detalhes" })).toBeVisible();
        await expect(alert.getByRole("button", { name: "Tentar de novo" })).toBeVisible();
        await expect(page.getByText("Carregando…")).toHaveCount(0);
        await look(page, `${screen.name}-error`);
        await page.unroute(isMain);
        if (screen.unknown === screen.path(seed)) return;
        await alert.getByRole("button", { name: "Tentar de novo" }).click();
        await expect(alert).toHaveCount(0);
      });
    }

    if (screen.unknown !== undefined) {
      const unknown = screen.unknown;
      await test.step("unknown: it says that it is not there", async () => {
        await open(unknown);
        await expect(page.getByText("Não encontrado").first()).toBeVisible();
        await look(page, `${screen.name}-unknown`);
      });
    }

    const { denied, refused } = screen;
    if ((denied ?? refused) !== undefined) {
      await test.step("forbidden: a viewer reads, and what may not be done says why", async () => {
        const made = await api.post("/v1/keys", { name: "Leitura", role: "viewer" });
        await openAs(String(made.key), screen.path(seed));
        if (refused !== undefined) await expect(page.getByText(refused)).toBeVisible();
        if (denied !== undefined) await expectDenied(page, denied);
        await expect(page.getByText("Esta parte falhou")).toHaveCount(0);
        await look(page, `${screen.name}-viewer`);
      });
    }
  });
}
