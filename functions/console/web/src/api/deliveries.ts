import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { type Period, resolve } from "../lib/period.ts";
import type { Client } from "./client.ts";
import type { components } from "./schema.d.ts";

type Schemas = components["schemas"];
export type Delivery = Schemas["Delivery"];
export type DeliveryDetail = Schemas["DeliveryDetail"];
export type DeliveryPage = Schemas["DeliveryPage"];
export type DeliveryState = Schemas["DeliveryState"];
export type DeliveryTotals = Schemas["DeliveryTotals"];
export type Attempt = Schemas["Attempt"];
export type ShownRequest = Schemas["ShownRequest"];
export type SendPreview = Schemas["SendPreview"];
export type Notice = Schemas["Notice"];

/** The filters of the list of deliveries. Empty lists and absent values match everything. */
export interface DeliveryFilter {
  from?: string | undefined;
  to?: string | undefined;
  subject?: string | undefined;
  state: DeliveryState[];
  rule: string[];
  endpoint: string[];
  integration: string[];
}

/** The filter as the API takes it: relative bounds are resolved at `now`, empty lists left out. */
export function deliveryParameters(filter: DeliveryFilter, now: number, zone: string) {
  const bounds: Period = {};
  if (filter.from !== undefined) bounds.from = filter.from;
  if (filter.to !== undefined) bounds.to = filter.to;
  return {
    ...resolve(bounds, now, zone),
    ...(filter.subject === undefined ? {} : { subject: filter.subject }),
    ...(filter.state.length > 0 ? { state: filter.state } : {}),
    ...(filter.rule.length > 0 ? { rule: filter.rule } : {}),
    ...(filter.endpoint.length > 0 ? { endpoint: filter.endpoint } : {}),
    ...(filter.integration.length > 0 ? { integration: filter.integration } : {}),
  };
}

export type DeliveryParameters = ReturnType<typeof deliveryParameters>;

/** A page continues the list only with the very parameters that its first page was asked with. */
interface PageParam {
  parameters: DeliveryParameters;
  cursor: string;
}

export interface LoadedDeliveries extends DeliveryPage {
  parameters: DeliveryParameters;
}

const LIMIT = 50;

export const deliveriesKey = (client: Client) => [client.workspace, "deliveries"];

interface Place {
  client: Client;
  zone: string;
  filter: DeliveryFilter;
}

async function firstPage({ client, zone, filter }: Place, signal: AbortSignal) {
  const parameters = deliveryParameters(filter, Date.now(), zone);
  const query = { ...parameters, limit: LIMIT };
  return { ...(await client.get("/v1/deliveries", { query, signal })), parameters };
}

/** The newest rows alone, which a live list asks for again and again. */
export function newestDeliveriesQuery(client: Client, zone: string, filter: DeliveryFilter) {
  return {
    queryKey: [...deliveriesKey(client), "newest", filter],
    queryFn: ({ signal }: { signal: AbortSignal }): Promise<LoadedDeliveries> =>
      firstPage({ client, zone, filter }, signal),
  };
}

/** The list of deliveries with its exact count and the totals of the tabs, newest first. */
export function deliveriesQuery(client: Client, zone: string, filter: DeliveryFilter) {
  return infiniteQueryOptions({
    queryKey: [...deliveriesKey(client), "list", filter],
    initialPageParam: null as PageParam | null,
    queryFn: async ({ pageParam, signal }): Promise<LoadedDeliveries> => {
      if (pageParam === null) return firstPage({ client, zone, filter }, signal);
      const { parameters, cursor } = pageParam;
      const query = { ...parameters, cursor, limit: LIMIT };
      return { ...(await client.get("/v1/deliveries", { query, signal })), parameters };
    },
    getNextPageParam: (last) =>
      last.next === null ? null : { parameters: last.parameters, cursor: last.next },
  });
}

/** A delivery of the list that is being made now is asked for again every 2 s. */
const WAITS: readonly DeliveryState[] = ["queued", "retrying"];

export const isWaiting = (state: DeliveryState): boolean =>
  WAITS.includes(state) || state === "held";
export const isUnderWay = (state: DeliveryState): boolean => WAITS.includes(state);

export const deliveryKey = (client: Client, delivery: string) => [
  client.workspace,
  "delivery",
  delivery,
];

/** One delivery with its attempts. It is asked for again while an attempt is near. */
export function deliveryQuery(client: Client, delivery: string) {
  return queryOptions({
    queryKey: deliveryKey(client, delivery),
    queryFn: ({ signal }) =>
      client.get("/v1/deliveries/{delivery}", { path: { delivery }, signal }),
    refetchInterval: (query) => detailInterval(query.state.data, Date.now()),
  });
}

/** Milliseconds until a delivery is asked for again: 2 s while an attempt runs or is due within 10 s. */
export function detailInterval(shown: DeliveryDetail | undefined, now: number): number | false {
  if (!shown || !isUnderWay(shown.state)) return false;
  if (shown.attempt_under_way || shown.state === "queued") return 2_000;
  const due = shown.next_at === null ? Number.POSITIVE_INFINITY : Date.parse(shown.next_at) - now;
  if (due < 10_000) return 2_000;
  return Math.min(due - 5_000, 60_000);
}

export function noticesQuery(client: Client) {
  return infiniteQueryOptions({
    queryKey: [client.workspace, "notices"],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      client.get("/v1/notices", {
        query: pageParam === null ? { limit: 50 } : { limit: 50, cursor: pageParam },
        signal,
      }),
    getNextPageParam: (last) => last.next,
  });
}
