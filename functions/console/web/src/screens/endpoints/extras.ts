import type { components } from "../../api/schema.d.ts";
import { whole } from "./policyDraft.ts";

type Schemas = components["schemas"];

export interface HeaderRow {
  readonly name: string;
  readonly value: string;
}

/** Own headers and limits of an endpoint as their form holds them; an empty limit is none. */
export interface Extras {
  headers: readonly HeaderRow[];
  concurrency: string;
  rate: string;
}

export const MOST_HEADERS = 20;
export const NO_EXTRAS: Extras = { headers: [], concurrency: "", rate: "" };

export function extrasOf(endpoint: {
  headers: readonly HeaderRow[];
  limits: Schemas["Limits"];
}): Extras {
  const { headers, limits } = endpoint;
  return {
    headers: headers.map(({ name, value }) => ({ name, value })),
    concurrency: String(limits.max_concurrency ?? ""),
    rate: String(limits.rate_per_second ?? ""),
  };
}

const isFilled = ({ name, value }: HeaderRow) => name.trim() !== "" || value.trim() !== "";

/** The headers to send: rows in which nothing was typed are left out. */
export function headersOf(rows: readonly HeaderRow[]): HeaderRow[] {
  return rows.filter(isFilled).map(({ name, value }) => ({ name: name.trim(), value }));
}

/** The place of a row among those that are sent, by which a refusal finds it. */
export function placeOf(rows: readonly HeaderRow[], at: number): number {
  return headersOf(rows.slice(0, at)).length;
}

/** The number of a limit; null: no limit; undefined: the text is no number. */
export function limitOf(text: string): number | null | undefined {
  return text.trim() === "" ? null : (whole(text) ?? undefined);
}

/** The limits to send; undefined while one of them is no number. */
export function limitsOf(extras: Extras): Schemas["Limits"] | undefined {
  const concurrency = limitOf(extras.concurrency);
  const rate = limitOf(extras.rate);
  if (concurrency === undefined || rate === undefined) return undefined;
  return { max_concurrency: concurrency, rate_per_second: rate };
}
