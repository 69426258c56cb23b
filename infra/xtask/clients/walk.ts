// Walks both roads with openapi-fetch and the types that openapi-typescript generated (api.d.ts).
//
// Run by `cargo xtask test --only clients`, after `tsc` accepted it. Reads BASE (the host), KEY (an
// admin's API key) and INBOX (a URL that an endpoint may have) from the environment.

import createClient from "openapi-fetch";
import type { components, paths } from "./api.d.ts";

type Condition = components["schemas"]["Condition"];

const EVENT = "order.walked_ts";
const SUBJECT = "Pedido São João nº 2";
const SECONDS = 60;

// The second type says which of the content types of an answer is read: a list can also be CSV.
const client = createClient<paths, "application/json">({
  baseUrl: setting("BASE"),
  headers: { authorization: `Bearer ${setting("KEY")}` },
});

await inbound();
await outbound(setting("INBOX"));

async function inbound(): Promise<void> {
  const origin = right(
    await client.POST("/v1/origins", { body: { name: "Loja", stages: ["Novo", "Fechado"] } }),
  );
  const made = right(
    await client.POST("/v1/integrations", {
      body: {
        origin: origin.id,
        application: "webhook",
        name: "Meu site",
        mapping: {
          fields: [
            { target: "contact.email", path: "$.email", required: true },
            { target: "deal.title", path: "$.assunto", transforms: [{ type: "trim" }] },
          ],
          keys: ["$.pedido"],
        },
      },
    }),
  );
  const token = made.url?.split("/").pop() ?? fail("the integration has no URL");
  const taken = right(
    await client.POST("/in/{token}", {
      params: { path: { token } },
      body: { email: "rui@example.com", assunto: " Orçamento ", pedido: "PED-1" },
    }),
  );
  const page = await until(
    "the webhook is processed",
    async () =>
      right(
        await client.GET("/v1/origins/{origin}/webhooks", {
          params: { path: { origin: origin.id }, query: { q: "PED-1", status: ["success"] } },
        }),
      ),
    (page) => page.items.length === 1,
  );
  const webhook = page.items[0];
  check(webhook?.id === taken.id && webhook.deal?.action === "created", page);
}

async function outbound(inbox: string): Promise<void> {
  const endpoint = right(
    await client.POST("/v1/endpoints", {
      body: { name: "ERP", url: inbox, preset: "standard-webhooks", limits: { max_concurrency: 5 } },
    }),
  );
  check(endpoint.secret?.startsWith("whsec_") === true, endpoint);
  const condition: Condition = {
    all: [
      { is: { path: "volumes", op: "gt", value: 1 } },
      { any: [{ is: { path: "uf", op: "in", value: ["SP", "RJ"] } }] },
    ],
  };
  const rule = right(
    await client.POST("/v1/rules", {
      body: {
        name: "Despachos",
        filter: { types: [EVENT], condition },
        target: { endpoint: endpoint.id },
        method: "POST",
        body: { mapped: [{ from: "data.uf", to: "estado" }] },
      },
    }),
  );
  const changed = right(
    await client.PATCH("/v1/rules/{rule}", {
      params: { path: { rule: rule.id }, header: { "If-Match": String(rule.version) } },
      body: { name: "Despachos do ERP" },
    }),
  );
  check(changed.version === rule.version + 1, changed);
  // A rule that is created or changed takes effect within five seconds; no request shows that it has.
  await pause(5000);
  const event = right(
    await client.POST("/v1/events", {
      body: {
        type: EVENT,
        subject: SUBJECT,
        subject_status: "Saiu às 10h",
        data: { volumes: 2, uf: "SP" },
      },
    }),
  );
  const page = await until(
    "the event is delivered",
    async () =>
      right(
        await client.GET("/v1/deliveries", {
          params: { query: { subject: SUBJECT, endpoint: [endpoint.id] } },
        }),
      ),
    (page) => page.items[0]?.state === "success",
  );
  const id = page.items[0]?.id ?? fail("no delivery");
  const delivery = right(
    await client.GET("/v1/deliveries/{delivery}", { params: { path: { delivery: id } } }),
  );
  check(delivery.event.id === event.id && delivery.attempts[0]?.status === 200, delivery);
  const trail = right(
    await client.GET("/v1/subjects/{subject}", { params: { path: { subject: SUBJECT } } }),
  );
  check(trail.items.map((item) => item.kind).join() === "delivery,event", trail);
}

/** The body of a 2xx; anything else ends the walk. */
function right<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  const { data, error, response } = answer;
  if (data === undefined) fail(`${response.url}: ${response.status} ${JSON.stringify(error)}`);
  return data;
}

/** Repeats a request until its answer is as expected. */
async function until<T>(what: string, request: () => Promise<T>, holds: (answer: T) => boolean): Promise<T> {
  const ends = Date.now() + SECONDS * 1000;
  for (;;) {
    const answer = await request();
    if (holds(answer)) return answer;
    if (Date.now() > ends) fail(`not within ${SECONDS} s: ${what}\n${JSON.stringify(answer)}`);
    await pause(200);
  }
}

function check(holds: boolean, answer: unknown): asserts holds {
  if (!holds) fail(`not as expected: ${JSON.stringify(answer)}`);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function setting(name: string): string {
  return process.env[name] ?? fail(`${name} is not set`);
}

function fail(reason: string): never {
  throw new Error(reason);
}
