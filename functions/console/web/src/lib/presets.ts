import type { components } from "../api/schema.d.ts";
import policies from "./presets.json" with { type: "json" };

type Schemas = components["schemas"];
export type Preset = Schemas["Preset"];
export type Policy = Required<Schemas["Policy"]>;

export const PRESETS: readonly Preset[] = ["standard-webhooks", "rd-station", "respond-io"];

/**
 * The policies of the presets (FACTS D3), to draw them before an endpoint is made. What an endpoint has is always
 * read from the API. `tests/layout` compares the file with the domain.
 */
export const POLICY_OF = policies as Record<Preset, Policy>;

/** Seconds of a text such as `5, 300 1800`; null where one is no whole number of seconds. */
export function readWaits(text: string): number[] | null {
  const parts = text.split(/[\s,;]+/).filter(Boolean);
  const waits = parts.map(Number);
  const fine = waits.every((wait) => Number.isInteger(wait) && wait >= 1);
  return fine ? waits : null;
}
