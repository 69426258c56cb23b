import type { Policy } from "../../lib/presets.ts";
import { changedPart } from "../changes/fields.ts";
import { draftOf, policyOf } from "../endpoints/policyDraft.ts";
import type { Endpoint } from "../endpoints/useEndpointActions.tsx";

type Settings = Pick<Endpoint, "name" | "url" | "policy" | "limits">;

export interface Typed {
  name: string;
  url: string;
  /** `null` while a number of it is none. */
  policy: Policy | null;
  limits: { max_concurrency: number | null; rate_per_second: number | null };
}

export type EndpointChange = Partial<Omit<Typed, "policy" | "limits">> & {
  policy?: Partial<Policy>;
  limits?: Partial<Typed["limits"]>;
};

/** The part of a form that changes something. Policy and limits are merged by the API key by key. */
export function changeOf(opened: Settings, typed: Typed): EndpointChange {
  const { name, url } = typed;
  const before = policyOf(draftOf(opened.policy));
  const policy = changedPart(typed.policy ?? {}, before ?? {});
  const limits = changedPart(typed.limits, { ...NO_LIMITS, ...opened.limits });
  return {
    ...changedPart({ name: name.trim(), url: url.trim() }, opened),
    ...(Object.keys(policy).length > 0 ? { policy } : {}),
    ...(Object.keys(limits).length > 0 ? { limits } : {}),
  };
}

const NO_LIMITS: Typed["limits"] = { max_concurrency: null, rate_per_second: null };

/** The settings of an endpoint with a change over them, as the API makes them. */
export function changedOver(endpoint: Endpoint, change: EndpointChange): object {
  return {
    ...change,
    policy: { ...endpoint.policy, ...change.policy },
    limits: { ...endpoint.limits, ...change.limits },
  };
}
