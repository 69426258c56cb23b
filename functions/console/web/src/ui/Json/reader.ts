import { type IndexResult, indexJson } from "../../lib/jsonIndex.ts";
import { type Matches, searchJson } from "../../lib/jsonSearch.ts";
import { cutText, findText, type TextRows } from "../../lib/jsonText.ts";
import { formatJson } from "../../lib/jsonTree.ts";
import type { WorkerAnswer, WorkerRequest } from "../../lib/jsonWorker.ts";
import workerUrl from "../../lib/jsonWorker.ts?worker&url";

/** Reads one text: in the page where it is short, else in a worker of its own. */
export interface JsonReader {
  readonly search: (query: string) => Promise<Matches>;
  /** The places of a text in the text, as it came or formatted. */
  readonly find: (query: string, formatted: boolean) => Promise<Uint32Array>;
  readonly rows: (formatted: boolean) => Promise<{ text: string; rows: TextRows }>;
}

/** A reader that has to be loaded first, and closed at the end. */
export interface WorkerReader extends JsonReader {
  readonly load: () => Promise<IndexResult>;
  readonly close: () => void;
}

/** Up to here the page reads by itself in less time than a worker needs to start. */
export const SHORT = 200_000;
const MOST_PLACES = 10_000;

/** Reads in the page; `undefined` where the text is too long for that. */
export function readHere(text: string): { reader: JsonReader; result: IndexResult } | undefined {
  if (text.length > SHORT) return undefined;
  const result = indexJson(text);
  const shown = (formatted: boolean) =>
    formatted && result.ok ? formatJson({ text, index: result.index }) : text;
  const reader: JsonReader = {
    search: async (query) =>
      result.ok
        ? searchJson({ text, index: result.index }, query)
        : { nodes: new Uint32Array(0), more: false },
    find: async (query, formatted) =>
      Uint32Array.from(findText(shown(formatted), query, MOST_PLACES)),
    rows: async (formatted) => ({ text: shown(formatted), rows: cutText(shown(formatted)) }),
  };
  return { reader, result };
}

interface PolicyFactory {
  createPolicy: (
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ) => { createScriptURL: (url: string) => string };
}

function isFactory(value: unknown): value is PolicyFactory {
  return typeof value === "object" && value !== null && "createPolicy" in value;
}

function allowed(url: string): string {
  if (url !== workerUrl) throw new TypeError("this is not the URL of the JSON worker");
  return url;
}

let trustedUrl: string | undefined;

/** The worker's URL as Trusted Types want it: the one value that the policy `gancho` lets through. */
function scriptUrl(): string {
  const factory: unknown = Reflect.get(globalThis, "trustedTypes");
  trustedUrl ??= isFactory(factory)
    ? factory.createPolicy("gancho", { createScriptURL: allowed }).createScriptURL(workerUrl)
    : workerUrl;
  return trustedUrl;
}

type Ask = WorkerRequest extends infer R ? (R extends unknown ? Omit<R, "id"> : never) : never;

let spare: Worker | undefined;
const start = () => new Worker(scriptUrl(), { type: "module" });

/** Starts the worker of the next long text beside the request for it. */
export function warmWorker(): void {
  spare ??= start();
}

export function readInWorker(text: string): WorkerReader {
  const worker = spare ?? start();
  spare = undefined;
  const waiting = new Map<
    number,
    { done: (answer: WorkerAnswer) => void; failed: (error: Error) => void }
  >();
  let last = 0;
  worker.addEventListener("message", (event: MessageEvent<WorkerAnswer>) => {
    waiting.get(event.data.id)?.done(event.data);
    waiting.delete(event.data.id);
  });
  worker.addEventListener("error", () => {
    for (const one of waiting.values()) one.failed(new Error("the JSON worker failed"));
    waiting.clear();
  });

  function ask(request: Ask): Promise<WorkerAnswer> {
    last += 1;
    const id = last;
    return new Promise((done, failed) => {
      waiting.set(id, { done, failed });
      worker.postMessage({ ...request, id });
    });
  }
  return {
    load: async () => {
      const answer = await ask({ kind: "load", text });
      return answer.kind === "load" ? answer.result : wrong(answer);
    },
    search: async (query) => {
      const answer = await ask({ kind: "search", query });
      return answer.kind === "search" ? answer.result : wrong(answer);
    },
    find: async (query, formatted) => {
      const answer = await ask({ kind: "find", query, formatted });
      return answer.kind === "find" ? answer.result : wrong(answer);
    },
    rows: async (formatted) => {
      const answer = await ask({ kind: "rows", formatted });
      if (answer.kind !== "rows") return wrong(answer);
      return { rows: answer.result.rows, text: answer.result.text ?? text };
    },
    close: () => worker.terminate(),
  };
}

function wrong(answer: WorkerAnswer): never {
  throw new Error(`the JSON worker answered with ${answer.kind} out of turn`);
}
