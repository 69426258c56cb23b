import type { Policy } from "../../lib/presets.ts";
import { changedPart } from "../changes/fields.ts";
import type { HeaderRow } from "../endpoints/extras.ts";
import { draftOf, policyOf } from "../endpoints/policyDraft.ts";
import type { Endpoint } from "../endpoints/useEndpointActions.tsx";

type Settings = Pick<Endpoint, "name" | "url" | "policy" | "limits" | "headers">;
type Limits = Endpoint["limits"];

export interface Typed {
  name: string;
  url: string;
  /** `null` while a number of it is none. */
  policy: Policy | null;
  /** `undefined` while one of them is no number. */
  limits: Limits | undefined;
  /** A value that is shown masked is kept by sending the mask. */
  headers: HeaderRow[];
}

export type EndpointChange = Partial<Omit<Typed, "policy" | "limits">> & {
  policy?: Partial<Policy>;
  limits?: Limits;
};

/** The part of a form that changes something. Policy and limits are merged by the API key by key. */
export function changeOf(opened: Settings, typed: Typed): EndpointChange {
  const { name, url } = typed;
  const before = policyOf(draftOf(opened.policy));
  const policy = changedPart(typed.policy ?? {}, before ?? {});
  const limits = changedPart(typed.limits ?? {}, { ...NO_LIMITS, ...opened.limits });
  const { headers } = typed;
  const isSame = JSON.stringify(headers) === JSON.stringify(opened.headers);
  return {
    ...changedPart({ name: name.trim(), url: url.trim() }, opened),
    ...(Object.keys(policy).length > 0 ? { policy } : {}),
    ...(Object.keys(limits).length > 0 ? { limits } : {}),
    ...(isSame ? {} : { headers }),
  };
}

const NO_LIMITS: Limits = { max_concurrency: null, rate_per_second: null };

/** The settings of an endpoint with a change over them, as the API makes them. */
export function changedOver(endpoint: Endpoint, change: EndpointChange): object {
  return {
    ...change,
    policy: { ...endpoint.policy, ...change.policy },
    limits: { ...endpoint.limits, ...change.limits },
  };
}
