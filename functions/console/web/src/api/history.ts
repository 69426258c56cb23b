import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { type Period, resolve } from "../lib/period.ts";
import type { Client } from "./client.ts";
import type { components } from "./schema.d.ts";

type Schemas = components["schemas"];
export type Webhook = Schemas["Webhook"];
export type WebhookDetail = Schemas["WebhookDetail"];
export type WebhookPage = Schemas["WebhookPage"];
export type Run = Schemas["Run"];
export type InboundStatus = Schemas["Status"];
export type Remark = Schemas["Remark"];

/** The filters of the history. Empty lists and absent values match everything. */
export interface WebhookFilter {
  from?: string | undefined;
  to?: string | undefined;
  status: InboundStatus[];
  application: string[];
  integration: string[];
  q?: string | undefined;
}

/** The filter as the API takes it: relative bounds are resolved at `now`, empty lists left out. */
export function filterParameters(filter: WebhookFilter, now: number, zone: string) {
  const bounds: Period = {};
  if (filter.from !== undefined) bounds.from = filter.from;
  if (filter.to !== undefined) bounds.to = filter.to;
  return {
    ...resolve(bounds, now, zone),
    ...(filter.status.length > 0 ? { status: filter.status } : {}),
    ...(filter.application.length > 0 ? { application: filter.application } : {}),
    ...(filter.integration.length > 0 ? { integration: filter.integration } : {}),
    ...(filter.q === undefined ? {} : { q: filter.q }),
  };
}

export type FilterParameters = ReturnType<typeof filterParameters>;

/** A page continues the list only with the very parameters that its first page was asked with. */
interface PageParam {
  parameters: FilterParameters;
  cursor: string;
}

export interface LoadedPage extends WebhookPage {
  parameters: FilterParameters;
}

const LIMIT = 50;
type Place = { client: Client; origin: string; zone: string };

export const webhooksKey = (client: Client, origin: string) => [
  client.workspace,
  "webhooks",
  origin,
];

async function firstPage(
  { client, origin, zone }: Place,
  filter: WebhookFilter,
  signal: AbortSignal,
): Promise<LoadedPage> {
  const parameters = filterParameters(filter, Date.now(), zone);
  const page = await client.get("/v1/origins/{origin}/webhooks", {
    path: { origin },
    query: { ...parameters, limit: LIMIT },
    signal,
  });
  return { ...page, parameters };
}

/** The list of the history with its exact count, newest first. */
export function webhooksQuery(place: Place, filter: WebhookFilter) {
  const { client, origin } = place;
  return infiniteQueryOptions({
    queryKey: [...webhooksKey(client, origin), "list", filter],
    initialPageParam: null as PageParam | null,
    queryFn: async ({ pageParam, signal }): Promise<LoadedPage> => {
      if (pageParam === null) return firstPage(place, filter, signal);
      const { parameters, cursor } = pageParam;
      const query = { ...parameters, cursor, limit: LIMIT };
      const path = { origin };
      const page = await client.get("/v1/origins/{origin}/webhooks", { path, query, signal });
      return { ...page, parameters };
    },
    getNextPageParam: (last) =>
      last.next === null ? null : { parameters: last.parameters, cursor: last.next },
  });
}

/** The newest rows alone, which a live list asks for again and again. */
export function newestWebhooksQuery(place: Place, filter: WebhookFilter) {
  return {
    queryKey: [...webhooksKey(place.client, place.origin), "newest", filter],
    queryFn: ({ signal }: { signal: AbortSignal }) => firstPage(place, filter, signal),
  };
}

export function webhookQuery(client: Client, origin: string, webhook: string) {
  return queryOptions({
    queryKey: [client.workspace, "webhook", origin, webhook],
    queryFn: ({ signal }) =>
      client.get("/v1/origins/{origin}/webhooks/{webhook}", { path: { origin, webhook }, signal }),
  });
}

export interface PayloadOfWebhook {
  bytes: Uint8Array<ArrayBuffer>;
  /** Of the sender; absent on the parsed tree. */
  contentType: string | null;
}

/** The address in `link: <...>; rel="next"`. */
export function nextOf(link: string | null): string | null {
  return /<([^>]+)>\s*;\s*rel="?next"?/.exec(link ?? "")?.[1] ?? null;
}

/** Reads a payload to its end; parts of 4.4 MB follow each other. */
export async function readPayload(
  client: Client,
  place: { origin: string; webhook: string },
  view: "raw" | "json",
  signal?: AbortSignal,
): Promise<PayloadOfWebhook> {
  const parts: Uint8Array[] = [];
  let contentType: string | null = null;
  let next: string | null =
    `/v1/origins/${place.origin}/webhooks/${place.webhook}/payload?view=${view}`;
  while (next !== null) {
    const answer = await client.raw(next, signal);
    parts.push(new Uint8Array(await answer.bytes()));
    contentType ??= answer.headers.get("x-original-content-type");
    next = nextOf(answer.headers.get("link"));
  }
  return { bytes: joinParts(parts), contentType };
}

function joinParts(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function payloadQuery(
  client: Client,
  place: { origin: string; webhook: string },
  view: "raw" | "json",
) {
  return queryOptions({
    queryKey: [client.workspace, "payload", place.origin, place.webhook, view],
    // A stored body never changes, and a large one is not kept when nobody looks at it.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    retry: false,
    queryFn: ({ signal }) => readPayload(client, place, view, signal),
  });
}
