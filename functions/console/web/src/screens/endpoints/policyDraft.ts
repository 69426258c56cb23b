import { type Policy, readWaits } from "../../lib/presets.ts";

/** A policy as its form holds it: numbers are the texts that were typed. */
export type Draft = {
  success: "any2xx" | "only200";
  timeout: string;
  waits: string;
  jitter: string;
  order: "none" | "skip" | "block";
  trip: "never" | "window" | "streak";
  scope: "endpoint" | "url" | "workspace";
  moreThan: string;
  seconds: string;
  percent: string;
  failures: string;
  probe: string;
};

type Partly = { [K in keyof Policy]?: Policy[K] | undefined };

/** The form of a policy; what the API leaves out is its default. */
export function draftOf(policy: Partly): Draft {
  const trip = policy.suspension?.trip;
  const window = trip && "window" in trip ? trip.window : null;
  const streak = trip && "streak" in trip ? trip.streak : null;
  return {
    success: policy.success ?? "any2xx",
    timeout: String((policy.timeout_ms ?? 5000) / 1000),
    waits: (policy.waits ?? []).join(", "),
    jitter: String(policy.jitter_percent ?? 0),
    order: policy.order ?? "none",
    trip: window ? "window" : streak ? "streak" : "never",
    scope: policy.suspension?.scope ?? "endpoint",
    moreThan: String(window?.more_than ?? 30),
    seconds: String(window?.seconds ?? 1800),
    percent: String(window?.percent ?? 50),
    failures: String(streak?.failures ?? 10),
    probe: policy.suspension?.probe_after ? String(policy.suspension.probe_after) : "",
  };
}

/** A whole number of a text; null where it is none. */
export function whole(text: string): number | null {
  return /^\d{1,9}$/.test(text.trim()) ? Number(text) : null;
}

/** The policy of a form; null while a number of it is none. */
export function policyOf(draft: Draft): Policy | null {
  const timeout = Number(draft.timeout.replace(",", "."));
  const waits = readWaits(draft.waits);
  const jitter = whole(draft.jitter);
  if (!Number.isFinite(timeout) || timeout <= 0 || waits === null || jitter === null) return null;
  const suspension = suspensionOf(draft);
  if (suspension === undefined) return null;
  return {
    success: draft.success,
    timeout_ms: Math.round(timeout * 1000),
    waits,
    jitter_percent: jitter,
    order: draft.order === "none" ? null : draft.order,
    suspension,
  };
}

function suspensionOf(draft: Draft): Policy["suspension"] | undefined {
  if (draft.trip === "never") return null;
  const probe = draft.probe.trim() === "" ? null : whole(draft.probe);
  if (draft.probe.trim() !== "" && probe === null) return undefined;
  const { scope } = draft;
  if (draft.trip === "streak") {
    const failures = whole(draft.failures);
    if (failures === null) return undefined;
    return { scope, trip: { streak: { failures } }, probe_after: probe };
  }
  const [moreThan, seconds, percent] = [draft.moreThan, draft.seconds, draft.percent].map(whole);
  if (moreThan == null || seconds == null || percent == null) return undefined;
  return {
    scope,
    trip: { window: { more_than: moreThan, seconds, percent } },
    probe_after: probe,
  };
}
