import { queryOptions, useQuery } from "@tanstack/react-query";
import type { Client } from "./client.ts";
import { useClient } from "./context.tsx";
import { CONFIGURATION_KEPT } from "./queries.ts";
import type { components } from "./schema.d.ts";

export type Schemas = components["schemas"];

interface Page<T> {
  items: T[];
  next: string | null;
}

/** Reads every page of a list of configuration. */
export async function whole<T>(page: (cursor?: string) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let next: string | null = null;
  do {
    const read: Page<T> = await page(next ?? undefined);
    items.push(...read.items);
    next = read.next;
  } while (next !== null);
  return items;
}

const LIMIT = 200;
const paged = (cursor: string | undefined) =>
  cursor === undefined ? { limit: LIMIT } : { limit: LIMIT, cursor };

export function originsQuery(client: Client) {
  return queryOptions({
    queryKey: [client.workspace, "origins"],
    staleTime: CONFIGURATION_KEPT,
    queryFn: ({ signal }) =>
      whole((cursor) => client.get("/v1/origins", { query: paged(cursor), signal })),
  });
}

export function integrationsQuery(client: Client) {
  return queryOptions({
    queryKey: [client.workspace, "integrations"],
    staleTime: CONFIGURATION_KEPT,
    queryFn: ({ signal }) =>
      whole((cursor) => client.get("/v1/integrations", { query: paged(cursor), signal })),
  });
}

export function endpointsQuery(client: Client) {
  return queryOptions({
    queryKey: [client.workspace, "endpoints"],
    staleTime: CONFIGURATION_KEPT,
    queryFn: ({ signal }) =>
      whole((cursor) => client.get("/v1/endpoints", { query: paged(cursor), signal })),
  });
}

export function rulesQuery(client: Client) {
  return queryOptions({
    queryKey: [client.workspace, "rules"],
    staleTime: CONFIGURATION_KEPT,
    queryFn: ({ signal }) =>
      whole((cursor) => client.get("/v1/rules", { query: paged(cursor), signal })),
  });
}

export function applicationsQuery(client: Client) {
  return queryOptions({
    queryKey: [client.workspace, "applications"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => (await client.get("/v1/applications", { signal })).items,
  });
}

export function eventTypesQuery(client: Client) {
  return queryOptions({
    queryKey: [client.workspace, "event-types"],
    staleTime: CONFIGURATION_KEPT,
    queryFn: async ({ signal }) => (await client.get("/v1/event-types", { signal })).items,
  });
}

export function workspaceQuery(client: Client) {
  return queryOptions({
    queryKey: [client.workspace, "workspace"],
    staleTime: CONFIGURATION_KEPT,
    queryFn: ({ signal }) => client.get("/v1/workspace", { signal }),
  });
}

/** The SVG of an application as a `data:` URL, in which nothing runs. */
export function iconQuery(client: Client, path: string) {
  return queryOptions({
    queryKey: [client.workspace, "icon", path],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
    retry: false,
    queryFn: async ({ signal }) => {
      const answer = await client.raw(path, signal);
      return `data:image/svg+xml,${encodeURIComponent(await answer.text())}`;
    },
  });
}

interface Polling {
  /** Milliseconds. */
  refetchInterval?: number;
}

export const useOrigins = (more: Polling = {}) =>
  useQuery({ ...originsQuery(useClient()), ...more });
export const useIntegrations = (more: Polling = {}) =>
  useQuery({ ...integrationsQuery(useClient()), ...more });
export const useEndpoints = (more: Polling = {}) =>
  useQuery({ ...endpointsQuery(useClient()), ...more });
export const useRules = (more: Polling = {}) => useQuery({ ...rulesQuery(useClient()), ...more });
export const useApplications = () => useQuery(applicationsQuery(useClient()));
export const useEventTypes = () => useQuery(eventTypesQuery(useClient()));
export const useWorkspaceSettings = () => useQuery(workspaceQuery(useClient()));
