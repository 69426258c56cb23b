import { type Api, items, type Row } from "./api.ts";
import { processed } from "./make.ts";

/** An origin with three integrations of different applications and webhooks of every status. */
export type Inbound = {
  origin: string;
  /** Its mapping reads `$.email`, which fourteen webhooks do not have. */
  form: Row;
  store: Row;
  /** It was inactive when its webhooks came, and is active now. */
  paused: Row;
};

const PEOPLE = ["Ana Souza", "João Pereira", "Márcia Lima", "Rui Alves", "Bia Nunes", "Caio Reis"];

/** Makes an origin, three integrations and `count` webhooks; 14 of the form's fail. */
export async function seedInbound(api: Api, count = 120): Promise<Inbound> {
  const origin = await api.post("/v1/origins", {
    name: "Vendas",
    stages: [{ name: "Novo" }, { name: "Em andamento" }, { name: "Fechado" }],
  });
  const mapping = {
    fields: [
      { target: "contact.email", path: "$.email", required: true },
      { target: "contact.name", path: "$.nome" },
      { target: "deal.title", path: "$.assunto" },
    ],
    keys: ["$.pedido"],
  };
  const make = (name: string, application: string, rest: object = {}) =>
    api.post("/v1/integrations", { origin: origin.id, application, name, ...rest });
  const form = await make("Formulário do site", "webhook", { mapping, tag: "site" });
  const store = await make("Loja", "shopify", { verification: [] });
  const paused = await make("Planilha", "webhook", { mapping, active: false });
  const urls = new Map(
    await Promise.all(
      [form, store, paused].map(async ({ id }): Promise<[string, string]> => {
        const { url } = await api.get(`/v1/integrations/${id}/url`);
        return [id, String(url)];
      }),
    ),
  );
  const sender = (number: number) => (number % 4 === 1 ? store : number % 10 === 2 ? paused : form);
  const numbers = Array.from({ length: count }, (_, number) => number);
  const broken = new Set(numbers.filter((number) => sender(number) === form).slice(-14));
  for (const number of numbers) {
    const name = PEOPLE[number % PEOPLE.length] ?? "";
    const from = sender(number);
    const email = `pessoa${number}@example.com`;
    const body = {
      // The form's editor renamed the field for the last webhooks.
      ...(broken.has(number) ? { e_mail: email } : { email }),
      nome: name,
      assunto: `Orçamento ${number}`,
      pedido: `PED-${number}`,
      valor: "R$ 1.234,56",
    };
    await api.webhook(urls.get(from.id) ?? "", body);
  }
  await processed(api, origin.id, count);
  await api.patch(`/v1/integrations/${paused.id}`, { active: true });
  return { origin: origin.id, form, store, paused };
}

/** Endpoints, a rule each, and deliveries of every state. */
export type Outbound = {
  /** Answers 200. */
  erp: Row;
  /** Fails until it is suspended; its deliveries are held. */
  shop: Row;
  /** Fails a few times; its deliveries are retrying. */
  slow: Row;
  rules: Row[];
};

/** A rule takes effect within five seconds (D21); no request shows when. */
export function rulesTakeEffect(): Promise<void> {
  return new Promise((go) => setTimeout(go, 5_500));
}

const SUSPENSION = { scope: "endpoint", trip: { streak: { failures: 4 } } };

/** Makes three endpoints of the built-in inbox and publishes `count` events. */
export async function seedOutbound(api: Api, inbox: string, count = 12): Promise<Outbound> {
  const at = (name: string) => inbox.replace("inbox.", `${name}.`);
  await api.put("/_local/inbox/loja", { status: 500, body: "sem estoque" });
  await api.put("/_local/inbox/lenta", { status: 503, body: "em manutenção" });
  const erp = await api.post("/v1/endpoints", { name: "ERP", url: at("erp") });
  const shop = await api.post("/v1/endpoints", {
    name: "Loja parceira",
    url: at("loja"),
    policy: { waits: [1, 1], suspension: SUSPENSION },
  });
  const slow = await api.post("/v1/endpoints", {
    name: "Transportadora",
    url: at("lenta"),
    policy: { waits: [3600, 7200] },
  });
  const rules = [];
  for (const [name, endpoint] of [
    ["Despachos para o ERP", erp],
    ["Despachos para a loja", shop],
    ["Aviso à transportadora", slow],
  ] as const) {
    rules.push(
      await api.post("/v1/rules", {
        name,
        filter: { types: ["order.dispatched"] },
        target: { endpoint: endpoint.id },
        method: "POST",
        body: "standard",
      }),
    );
  }
  await rulesTakeEffect();
  for (let number = 0; number < count; number += 1) {
    await api.post("/v1/events", {
      type: "order.dispatched",
      subject: `PED-${number}`,
      subject_status: "Despachado",
      data: { order_number: `PED-${number}`, tracking_code: `BR${1000 + number}` },
    });
  }
  await api.until(
    `/v1/deliveries?endpoint=${erp.id}&state=success`,
    (page) => items(page).length >= count,
  );
  await api.until(`/v1/endpoints/${shop.id}`, (row) => row.state === "suspended");
  return { erp, shop, slow, rules };
}
