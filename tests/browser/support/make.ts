import type { Api, Row } from "./api.ts";

/** An origin with one stage and an integration whose mapping reads `$.email` and `$.titulo`. */
export async function makeForm(api: Api): Promise<{ origin: string; url: string }> {
  const origin = await api.post("/v1/origins", { name: "Vendas", stages: [{ name: "Novo" }] });
  const form = await api.post("/v1/integrations", {
    origin: origin.id,
    application: "webhook",
    name: "Site",
    mapping: {
      fields: [
        { target: "contact.email", path: "$.email", required: true },
        { target: "deal.title", path: "$.titulo" },
      ],
    },
  });
  return { origin: origin.id, url: String(form.url) };
}

/** Waits until `count` webhooks of an origin were processed and its counters know each of them. */
export function processed(api: Api, origin: string, count: number): Promise<Row> {
  const list = `/v1/origins/${origin}/webhooks?limit=1`;
  const pending = async () => (await api.get(`${list}&status=pending`)).count;
  return api.until(list, async (page) => page.count === count && (await pending()) === 0);
}
