import type { components } from "./schema.d.ts";

export type Code = components["schemas"]["Code"];

/** The refusals that are not the API's own: `network` (no answer), `gateway` (`{message}`), `unreadable`. */
export type Origin = "api" | "gateway" | "network" | "unreadable";

interface Parts {
  status: number;
  origin: Origin;
  code?: string | undefined;
  detail: string;
  path?: string | undefined;
  params?: Readonly<Record<string, string>> | undefined;
  retryAfter?: number | undefined;
  requestId?: string | undefined;
}

/** A refusal of the API, of the gateway before it, or of the network. */
export class ApiProblem extends Error {
  /** HTTP status; 0 without an answer. */
  readonly status: number;
  readonly origin: Origin;
  /** The stable code; absent on refusals that are not the API's. */
  readonly code: string | undefined;
  readonly detail: string;
  /** The field or parameter that was refused. */
  readonly path: string | undefined;
  readonly params: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly retryAfter: number | undefined;
  readonly requestId: string | undefined;

  constructor(parts: Parts) {
    super(parts.detail);
    this.name = "ApiProblem";
    this.status = parts.status;
    this.origin = parts.origin;
    this.code = parts.code;
    this.detail = parts.detail;
    this.path = parts.path;
    this.params = parts.params ?? {};
    this.retryAfter = parts.retryAfter;
    this.requestId = parts.requestId;
  }

  /** The same request can succeed later: no network, 429, 503. */
  get passing(): boolean {
    return this.origin === "network" || this.status === 429 || this.status === 503;
  }
}

export function isProblem(error: unknown): error is ApiProblem {
  return error instanceof ApiProblem;
}

/** Seconds of a `retry-after` in seconds or as a date. */
export function retryAfter(value: string | null, now: number): number | undefined {
  if (value === null || value.trim() === "") return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, Math.ceil(seconds));
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function textsOf(value: unknown): Record<string, string> {
  const texts: Record<string, string> = {};
  if (!isRecord(value)) return texts;
  for (const [key, item] of Object.entries(value)) texts[key] = textOf(item) ?? String(item);
  return texts;
}

/** The refusal of an answer: problem+json, the gateway's `{message}`, or whatever a proxy wrote. */
export function problemOf(
  status: number,
  headers: Pick<Headers, "get">,
  body: string,
  now: number,
): ApiProblem {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    parsed = null;
  }
  const common = {
    status,
    retryAfter: retryAfter(headers.get("retry-after"), now),
    requestId: headers.get("apigw-requestid") ?? undefined,
  };
  if (!isRecord(parsed)) return new ApiProblem({ ...common, origin: "unreadable", detail: "" });
  const code = textOf(parsed.code);
  if (code === undefined) {
    return new ApiProblem({ ...common, origin: "gateway", detail: textOf(parsed.message) ?? "" });
  }
  return new ApiProblem({
    ...common,
    origin: "api",
    code,
    detail: textOf(parsed.detail) ?? textOf(parsed.title) ?? "",
    path: textOf(parsed.path),
    params: textsOf(parsed.params),
  });
}

/** The refusal of a request that got no answer. */
export function networkProblem(): ApiProblem {
  return new ApiProblem({ status: 0, origin: "network", detail: "" });
}
