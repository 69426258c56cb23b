import { queryOptions } from "@tanstack/react-query";
import { eachLimited } from "../lib/pool.ts";
import type { Client } from "./client.ts";
import type { Webhook } from "./history.ts";
import type { components } from "./schema.d.ts";

type Schemas = components["schemas"];
export type WebhookStep = Schemas["WebhookStep"];
export type DeliveryStep = Schemas["DeliveryStep"];

const EVERY = 30_000;
const MOST_ORIGINS = 10;
const AT_ONCE = 8;
const DAY = 86_400_000;

export const dayBefore = (now: number) => new Date(now - DAY).toISOString();

export const idsOf = (rows: readonly { id: string }[] = []) => rows.map(({ id }) => id);

async function ofEach<T>(ids: readonly string[], ask: (id: string) => Promise<T>): Promise<T[]> {
  const answers: T[] = [];
  await eachLimited(ids.slice(0, MOST_ORIGINS), AT_ONCE, async (id) => {
    answers.push(await ask(id));
  });
  return answers;
}

/** Adds series of the same steps up. */
export function sumSteps(series: readonly (readonly WebhookStep[])[]): WebhookStep[] {
  const sums = new Map<string, WebhookStep>();
  for (const step of series.flat()) {
    const sum = sums.get(step.at) ?? { at: step.at, success: 0, error: 0, pending: 0 };
    sums.set(step.at, {
      at: step.at,
      success: sum.success + step.success,
      error: sum.error + step.error,
      pending: sum.pending + step.pending,
    });
  }
  return [...sums.values()].sort((a, b) => a.at.localeCompare(b.at));
}

/** The webhooks that all origins received in the last 24 hours, by hour. */
export function inboundQuery(client: Client, origins: readonly string[]) {
  return queryOptions({
    queryKey: [client.workspace, "home", "inbound", origins],
    refetchInterval: EVERY,
    queryFn: async ({ signal }) =>
      sumSteps(
        await ofEach(origins, async (origin) => {
          const path = { origin };
          const query = { step: "hour" as const };
          const answer = await client.get("/v1/origins/{origin}/webhooks/series", {
            path,
            query,
            signal,
          });
          return answer.items;
        }),
      ),
  });
}

/** The deliveries of the last 24 hours: totals of the tabs, and by hour. */
export function outboundQuery(client: Client) {
  return queryOptions({
    queryKey: [client.workspace, "home", "outbound"],
    refetchInterval: EVERY,
    queryFn: async ({ signal }) => {
      const from = dayBefore(Date.now());
      const [list, series] = await Promise.all([
        client.get("/v1/deliveries", { query: { from, limit: 1 }, signal }),
        client.get("/v1/deliveries/series", { query: { step: "hour" }, signal }),
      ]);
      return { totals: list.totals, steps: series.items };
    },
  });
}

export interface WrongWebhook {
  origin: string;
  webhook: Webhook;
}

/** The newest webhooks with an error of the last 24 hours, over all origins. */
export function wrongWebhooksQuery(client: Client, origins: readonly string[]) {
  return queryOptions({
    queryKey: [client.workspace, "home", "wrong-webhooks", origins],
    refetchInterval: EVERY,
    queryFn: async ({ signal }): Promise<WrongWebhook[]> => {
      const query = { from: dayBefore(Date.now()), status: ["error" as const], limit: 5 };
      const found = await ofEach(origins, async (origin) => {
        const path = { origin };
        const page = await client.get("/v1/origins/{origin}/webhooks", { path, query, signal });
        return page.items.map((webhook) => ({ origin, webhook }));
      });
      const newest = (a: WrongWebhook, b: WrongWebhook) =>
        Date.parse(b.webhook.received_at) - Date.parse(a.webhook.received_at);
      return found.flat().sort(newest).slice(0, 5);
    },
  });
}

export function wrongDeliveriesQuery(client: Client) {
  return queryOptions({
    queryKey: [client.workspace, "home", "wrong-deliveries"],
    refetchInterval: EVERY,
    queryFn: async ({ signal }) => {
      const state = ["failure" as const, "retrying" as const];
      const query = { from: dayBefore(Date.now()), limit: 5, state };
      return (await client.get("/v1/deliveries", { query, signal })).items;
    },
  });
}

export function newestNoticesQuery(client: Client) {
  return queryOptions({
    queryKey: [client.workspace, "home", "notices"],
    refetchInterval: EVERY,
    queryFn: async ({ signal }) =>
      (await client.get("/v1/notices", { query: { limit: 3 }, signal })).items,
  });
}
