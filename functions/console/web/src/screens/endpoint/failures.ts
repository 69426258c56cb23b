import type { Endpoint } from "../endpoints/useEndpointActions.tsx";

export type Dot = {
  at: string;
  delivery: string;
  attempt: number;
  /** Its place in the running count of failures. */
  number: number;
  /** The failure that suspended the endpoint. */
  crossed: boolean;
  outcome: { status: number | null; error: string | null };
};

type Known = Pick<Endpoint, "stopped" | "policy" | "health">;

/** Failures that suspend an endpoint: one more than a window allows, or the length of a streak. */
export function limitOf(policy: Known["policy"]): number | null {
  const trip = policy.suspension?.trip;
  if (!trip) return null;
  return "window" in trip ? trip.window.more_than + 1 : trip.streak.failures;
}

function outcomeOf(outcome: Record<string, unknown>): Dot["outcome"] {
  const { status, error, fault } = outcome;
  const name = typeof error === "string" ? error : fault;
  return {
    status: typeof status === "number" ? status : null,
    error: typeof name === "string" ? name : null,
  };
}

/**
 * The failed attempts that are known of a stopped endpoint, counted so that the last one is the `failures` of its
 * reason. Null where it is not stopped by failures.
 */
export function failureDots(endpoint: Known): { dots: Dot[]; limit: number; all: number } | null {
  const { stopped } = endpoint;
  const limit = limitOf(endpoint.policy) ?? endpoint.health?.limit ?? null;
  const attempts = stopped?.attempts ?? [];
  if (!stopped || limit === null || attempts.length === 0) return null;
  const all = Math.max(stopped.reason.failures ?? 0, attempts.length);
  const sorted = [...attempts].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const before = all - sorted.length;
  const dots = sorted.map((failed, i) => ({
    at: failed.at,
    delivery: failed.delivery,
    attempt: failed.attempt,
    number: before + i + 1,
    crossed: before + i + 1 === limit,
    outcome: outcomeOf(failed.outcome),
  }));
  return { dots, limit, all };
}
