import { draftOf } from "../endpoints/policyDraft.ts";
import type { Endpoint } from "../endpoints/useEndpointActions.tsx";

/** The settings of an endpoint as its form has them; numbers of a suspension that is not in force are left out. */
export function comparedEndpoint(
  endpoint: Pick<Endpoint, "name" | "url" | "policy" | "limits" | "headers">,
): Readonly<Record<string, string | number | null>> {
  const { moreThan, seconds, percent, failures, probe, scope, ...draft } = draftOf(endpoint.policy);
  const { max_concurrency: concurrency, rate_per_second: rate } = endpoint.limits;
  return {
    name: endpoint.name,
    url: endpoint.url,
    ...draft,
    ...(draft.trip === "never" ? {} : { scope }),
    ...(draft.trip === "never" || probe === "" ? {} : { probe }),
    ...(draft.trip === "window" ? { moreThan, seconds, percent } : {}),
    ...(draft.trip === "streak" ? { failures } : {}),
    concurrency: concurrency ?? null,
    rate: rate ?? null,
    headers: endpoint.headers.map(({ name, value }) => `${name}: ${value}`).join("\n"),
  };
}
