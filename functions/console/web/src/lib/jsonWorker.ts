import { type IndexResult, indexJson, type JsonIndex } from "./jsonIndex.ts";
import { type Matches, searchJson } from "./jsonSearch.ts";
import { cutText, findText, type TextRows } from "./jsonText.ts";
import { formatJson } from "./jsonTree.ts";

/** The questions of the page to the worker. A worker serves one text, which `load` gives it. */
export type WorkerRequest =
  | { readonly id: number; readonly kind: "load"; readonly text: string }
  | { readonly id: number; readonly kind: "search"; readonly query: string }
  | {
      readonly id: number;
      readonly kind: "find";
      readonly query: string;
      readonly formatted: boolean;
    }
  | { readonly id: number; readonly kind: "rows"; readonly formatted: boolean };

export interface FormattedRows {
  readonly rows: TextRows;
  /** Only where the formatted text was asked for: the page has the other one. */
  readonly text?: string;
}

export type WorkerAnswer =
  | { readonly id: number; readonly kind: "load"; readonly result: IndexResult }
  | { readonly id: number; readonly kind: "search"; readonly result: Matches }
  | { readonly id: number; readonly kind: "find"; readonly result: Uint32Array }
  | { readonly id: number; readonly kind: "rows"; readonly result: FormattedRows };

const MOST_PLACES = 10_000;

let text = "";
let index: JsonIndex | undefined;
let formatted: string | undefined;

function textOf(isFormatted: boolean): string {
  if (!isFormatted || index === undefined) return text;
  formatted ??= formatJson({ text, index });
  return formatted;
}

function answer(request: WorkerRequest): WorkerAnswer {
  const { id } = request;
  switch (request.kind) {
    case "load": {
      text = request.text;
      const result = indexJson(text);
      index = result.ok ? result.index : undefined;
      return { id, kind: "load", result };
    }
    case "search": {
      const nothing = { nodes: new Uint32Array(0), more: false };
      const result = index === undefined ? nothing : searchJson({ text, index }, request.query);
      return { id, kind: "search", result };
    }
    case "find": {
      const places = findText(textOf(request.formatted), request.query, MOST_PLACES);
      return { id, kind: "find", result: Uint32Array.from(places) };
    }
    case "rows": {
      const shown = textOf(request.formatted);
      const rows = cutText(shown);
      return { id, kind: "rows", result: request.formatted ? { rows, text: shown } : { rows } };
    }
  }
}

self.addEventListener("message", (event: MessageEvent<WorkerRequest>) => {
  self.postMessage(answer(event.data));
});
