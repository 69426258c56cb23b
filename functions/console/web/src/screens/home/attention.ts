import type { components } from "../../api/schema.d.ts";

type Schemas = components["schemas"];
export type Endpoint = Schemas["Endpoint"];
export type Integration = Schemas["Integration"];
export type Job = Schemas["Job"];

/** A line of *Attention*. */
export type Point =
  | { kind: "suspended" | "disabled"; endpoint: Endpoint }
  | { kind: "near"; endpoint: Endpoint; failures: number; limit: number }
  | { kind: "errors"; integration: Integration; rate: number }
  | { kind: "silent"; integration: Integration; last: string }
  | { kind: "job"; job: Job };

const DAY = 86_400_000;
/** Share of an endpoint's limit from which it needs attention. */
const NEAR = 0.7;
const WORST: Point["kind"][] = ["suspended", "near", "errors", "silent", "disabled", "job"];

interface Seen {
  endpoints: readonly Endpoint[];
  integrations: readonly Integration[];
  jobs: readonly Job[];
}

/** The points that need attention, worst first. */
export function pointsOf({ endpoints, integrations, jobs }: Seen, now: number): Point[] {
  const points: Point[] = [
    ...endpoints.flatMap(ofEndpoint),
    ...integrations.flatMap((one) => ofIntegration(one, now)),
    ...jobs.flatMap((job): Point[] => (job.state === "running" ? [{ kind: "job", job }] : [])),
  ];
  return points.sort((a, b) => WORST.indexOf(a.kind) - WORST.indexOf(b.kind));
}

function ofEndpoint(endpoint: Endpoint): Point[] {
  const { state, health } = endpoint;
  if (state === "suspended" || state === "disabled") return [{ kind: state, endpoint }];
  if (!health || health.failures < NEAR * health.limit) return [];
  return [{ kind: "near", endpoint, failures: health.failures, limit: health.limit }];
}

function ofIntegration(integration: Integration, now: number): Point[] {
  const { last_24h: day, last_received_at: last } = integration.activity;
  if (day.error > 0) return [{ kind: "errors", integration, rate: day.error_rate ?? 0 }];
  if (!integration.active || last === null || now - Date.parse(last) < DAY) return [];
  return [{ kind: "silent", integration, last }];
}
