import { type Raw, writeQuery } from "./search.ts";

// Every address of the console is written here, as CONSOLE.md 5.1 lists them.

const at = (ws: string, rest: string, search: Raw = {}) =>
  `/console/w/${encodeURIComponent(ws)}${rest}${writeQuery(search)}`;
const id = encodeURIComponent;

export const paths = {
  start: "/console/",
  signIn: (next?: string) => `/console/sign-in${writeQuery({ next })}`,
  me: "/console/me",
  home: (ws: string) => at(ws, "/"),
  origins: (ws: string) => at(ws, "/origins"),
  history: (ws: string, origin: string, search?: Raw) =>
    at(ws, `/origins/${id(origin)}/webhooks`, search),
  webhook: (ws: string, origin: string, webhook: string, search?: Raw) =>
    at(ws, `/origins/${id(origin)}/webhooks/${id(webhook)}`, search),
  originSettings: (ws: string, origin: string, search?: Raw) =>
    at(ws, `/origins/${id(origin)}/settings`, search),
  integrations: (ws: string, search?: Raw) => at(ws, "/integrations", search),
  newIntegration: (ws: string, search?: Raw) => at(ws, "/integrations/new", search),
  integration: (ws: string, integration: string, search?: Raw) =>
    at(ws, `/integrations/${id(integration)}`, search),
  contacts: (ws: string, search?: Raw) => at(ws, "/contacts", search),
  contact: (ws: string, contact: string) => at(ws, `/contacts/${id(contact)}`),
  deals: (ws: string, search?: Raw) => at(ws, "/deals", search),
  deal: (ws: string, deal: string) => at(ws, `/deals/${id(deal)}`),
  deliveries: (ws: string, search?: Raw) => at(ws, "/deliveries", search),
  delivery: (ws: string, delivery: string, search?: Raw) =>
    at(ws, `/deliveries/${id(delivery)}`, search),
  rules: (ws: string, search?: Raw) => at(ws, "/rules", search),
  newRule: (ws: string, search?: Raw) => at(ws, "/rules/new", search),
  rule: (ws: string, rule: string, search?: Raw) => at(ws, `/rules/${id(rule)}`, search),
  endpoints: (ws: string, search?: Raw) => at(ws, "/endpoints", search),
  newEndpoint: (ws: string) => at(ws, "/endpoints/new"),
  endpoint: (ws: string, endpoint: string, search?: Raw) =>
    at(ws, `/endpoints/${id(endpoint)}`, search),
  eventTypes: (ws: string, search?: Raw) => at(ws, "/event-types", search),
  subject: (ws: string, key?: string) => at(ws, "/subjects", { key }),
  jobs: (ws: string) => at(ws, "/jobs"),
  job: (ws: string, job: string) => at(ws, `/jobs/${id(job)}`),
  notices: (ws: string, search?: Raw) => at(ws, "/notices", search),
  settings: (ws: string, page: "general" | "fields" | "members" | "keys" | "recipients") =>
    at(ws, `/settings/${page}`),
};

/** A `next` that stays inside the console, else its start. */
export function safeNext(next: string | undefined): string {
  const inside = next?.startsWith("/console/") && !next.includes("//") && !next.includes("\\");
  return inside && next !== undefined ? next : paths.start;
}
