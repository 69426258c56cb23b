import type { components } from "../api/schema.d.ts";

type Schemas = components["schemas"];
export type Preset = Schemas["Preset"];
export type Policy = Required<Schemas["Policy"]>;

const MINUTE = 60;
const HOUR = 3600;

export const PRESETS: readonly Preset[] = ["standard-webhooks", "rd-station", "respond-io"];

/**
 * The policies of the presets (FACTS D3), to draw them before an endpoint is made. What an endpoint has is always
 * read from the API.
 */
export const POLICY_OF: Record<Preset, Policy> = {
  "standard-webhooks": {
    success: "any2xx",
    timeout_ms: 5000,
    waits: [5, 5 * MINUTE, 30 * MINUTE, ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR)],
    jitter_percent: 10,
    order: null,
    suspension: {
      scope: "endpoint",
      trip: { window: { more_than: 30, seconds: 30 * MINUTE, percent: 50 } },
      probe_after: null,
    },
  },
  "rd-station": {
    success: "any2xx",
    timeout_ms: 5000,
    waits: [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR],
    jitter_percent: 10,
    order: null,
    suspension: { scope: "url", trip: { streak: { failures: 10 } }, probe_after: 30 * MINUTE },
  },
  "respond-io": {
    success: "only200",
    timeout_ms: 5000,
    waits: [30, 60, 90],
    jitter_percent: 0,
    order: "skip",
    suspension: {
      scope: "workspace",
      trip: { window: { more_than: 30, seconds: 30 * MINUTE, percent: 0 } },
      probe_after: null,
    },
  },
};

/** Seconds of a text such as `5, 300 1800`; null where one is no whole number of seconds. */
export function readWaits(text: string): number[] | null {
  const parts = text.split(/[\s,;]+/).filter(Boolean);
  const waits = parts.map(Number);
  const fine = waits.every((wait) => Number.isInteger(wait) && wait >= 1);
  return fine ? waits : null;
}
