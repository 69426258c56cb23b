import { networkProblem, problemOf } from "./problem.ts";
import type { paths } from "./schema.d.ts";

type Method = "get" | "post" | "patch" | "delete";
type Having<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never;
}[keyof paths];
type Operation<P extends keyof paths, M extends Method> =
  paths[P] extends Record<M, infer O> ? O : never;
type Contents<R> = R extends { content: { "application/json": infer J } } ? J : never;
type Answers<O> = O extends { responses: infer R }
  ? { [S in keyof R]: S extends 200 | 201 | 202 ? Contents<R[S]> : never }[keyof R]
  : never;
/** The JSON of a successful answer of one operation of `infra/openapi.yaml`. */
export type AnswerOf<P extends keyof paths, M extends Method> = Answers<Operation<P, M>>;
type BodyOf<O> = O extends { requestBody: { content: { "application/json": infer B } } }
  ? { body: B }
  : O extends { requestBody?: infer R }
    ? [Exclude<R, undefined>] extends [never]
      ? { body?: never }
      : Exclude<R, undefined> extends { content: { "application/json": infer B } }
        ? { body?: B }
        : { body?: never }
    : { body?: never };
type Given<O, In extends "path" | "query"> = O extends { parameters: infer V }
  ? In extends keyof V
    ? Pick<V, In>
    : { [K in In]?: never }
  : { [K in In]?: never };

interface Common {
  signal?: AbortSignal | undefined;
  /** Accept only this version of the resource (`If-Match`). */
  version?: number | undefined;
  /** One key for each dialog or form, so that a double click is one request. */
  idempotencyKey?: string | undefined;
}
export type Options<P extends keyof paths, M extends Method> = Common &
  Given<Operation<P, M>, "path"> &
  Given<Operation<P, M>, "query"> &
  BodyOf<Operation<P, M>>;

/** An answer that is not read as JSON: bytes of a payload, a page of CSV, an icon. */
export interface RawAnswer {
  status: number;
  headers: Headers;
  text: () => Promise<string>;
  bytes: () => Promise<ArrayBuffer>;
}

/** The ways in which the client reaches its surroundings; tests replace them. */
export interface Surroundings {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** The token in force; never the one that the gateway has just refused. */
  token: (refused: string | null) => Promise<string>;
  language: () => string;
  now: () => number;
}

type AnyOptions = Common & {
  path?: Readonly<Record<string, unknown>> | undefined;
  query?: Readonly<Record<string, unknown>> | undefined;
  body?: unknown;
};

/** Fills the parameters of a path and of its query: lists are joined by commas, absent values left out. */
export function addressOf(template: string, path: AnyOptions["path"], query: AnyOptions["query"]) {
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(path?.[name] ?? "")),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === null) continue;
    if (Array.isArray(value) && value.length === 0) continue;
    search.set(name, Array.isArray(value) ? value.join(",") : String(value));
  }
  const text = search.toString();
  return text === "" ? filled : `${filled}?${text}`;
}

export interface Client {
  /** The workspace of every request; also the first part of every query key. */
  workspace: string;
  get: <P extends Having<"get">>(path: P, o: Options<P, "get">) => Promise<AnswerOf<P, "get">>;
  post: <P extends Having<"post">>(path: P, o: Options<P, "post">) => Promise<AnswerOf<P, "post">>;
  patch: <P extends Having<"patch">>(
    path: P,
    o: Options<P, "patch">,
  ) => Promise<AnswerOf<P, "patch">>;
  delete: <P extends Having<"delete">>(path: P, o: Options<P, "delete">) => Promise<void>;
  /** A path of the API as it stands, such as `payload.href` or a page of CSV. */
  raw: (path: string, signal?: AbortSignal) => Promise<RawAnswer>;
}

export function createClient(workspace: string, around: Surroundings): Client {
  async function once(url: string, method: string, o: AnyOptions, token: string) {
    const headers: Record<string, string> = {
      authorization: `Bearer ${token}`,
      "accept-language": around.language(),
    };
    if (o.body !== undefined) headers["content-type"] = "application/json";
    if (o.version !== undefined) headers["if-match"] = `"${o.version}"`;
    if (o.idempotencyKey !== undefined) headers["idempotency-key"] = o.idempotencyKey;
    const init: RequestInit = { method: method.toUpperCase(), headers };
    if (o.body !== undefined) init.body = JSON.stringify(o.body);
    if (o.signal) init.signal = o.signal;
    try {
      return await around.fetch(url, init);
    } catch (error) {
      if (o.signal?.aborted) throw error;
      throw networkProblem();
    }
  }

  async function send(url: string, method: string, o: AnyOptions): Promise<Response> {
    const token = await around.token(null);
    let answer = await once(url, method, o, token);
    // The gateway's own refusal is the token's, not the role's, which is problem+json.
    if (refusedByGateway(answer)) answer = await once(url, method, o, await around.token(token));
    if (answer.ok) return answer;
    throw problemOf(answer.status, answer.headers, await answer.text(), around.now());
  }

  async function json(path: string, method: string, o: AnyOptions): Promise<unknown> {
    const answer = await send(addressOf(path, o.path, o.query), method, o);
    return answer.status === 204 ? undefined : answer.json();
  }

  // The types of the specification are asserted here, once: what the API answers is what its
  // description says, which the tests of the API hold.
  const typed = (method: Method) => (path: string, o: object) =>
    json(path, method, o as AnyOptions) as Promise<never>;
  return {
    workspace,
    get: typed("get"),
    post: typed("post"),
    patch: typed("patch"),
    delete: typed("delete"),
    raw: async (path, signal) => {
      const answer = await send(path, "get", { signal });
      return {
        status: answer.status,
        headers: answer.headers,
        text: () => answer.text(),
        bytes: () => answer.arrayBuffer(),
      };
    },
  };
}

function refusedByGateway(answer: Response): boolean {
  if (answer.status !== 401 && answer.status !== 403) return false;
  return !(answer.headers.get("content-type") ?? "").startsWith("application/problem+json");
}
