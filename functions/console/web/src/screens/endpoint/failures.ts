import type { Delivery } from "../../api/deliveries.ts";
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

export type Failures = {
  dots: Dot[];
  /** The times of attempts that succeeded meanwhile, where they are known. */
  successes: string[];
  /** The failures that the policy bears; what goes beyond suspends. */
  limit: number;
  /** The number of failures, of which the last ones are known. */
  all: number;
};

type Known = Pick<Endpoint, "stopped" | "policy" | "health">;
type Failed = Omit<Dot, "number" | "crossed">;
type Row = Pick<Delivery, "id" | "state" | "attempts" | "last">;

type Limit = {
  /** As the policy says it, where the line is drawn: *more than 30*, or *4* in a row. */
  line: number;
  /** The failure that suspends: the 31st, or the fourth. */
  crossing: number;
};

/** The limit of a policy; null where nothing suspends. */
export function limitOf(policy: Known["policy"]): Limit | null {
  const trip = policy.suspension?.trip;
  if (!trip) return null;
  if ("streak" in trip) return { line: trip.streak.failures, crossing: trip.streak.failures };
  return { line: trip.window.more_than, crossing: trip.window.more_than + 1 };
}

/** The failed attempts that suspended an endpoint. Null where it was not stopped by failures. */
export function failuresOfStop({ stopped, policy }: Known): Failures | null {
  const limit = limitOf(policy);
  const attempts = stopped?.attempts ?? [];
  if (!stopped || !limit || attempts.length === 0) return null;
  const failed = attempts.map(({ at, delivery, attempt, outcome }) => ({
    at,
    delivery,
    attempt,
    outcome: outcomeOf(outcome),
  }));
  const all = Math.max(stopped.reason.failures ?? 0, attempts.length);
  return { dots: counted(failed, all, limit), successes: [], limit: limit.line, all };
}

/**
 * The failures that count now of an endpoint that receives, as far as the last attempts of its newest deliveries
 * know them. Null while none counts.
 */
export function failuresNow(
  { policy, health }: Known,
  rows: readonly Row[],
  now: number,
): Failures | null {
  const limit = limitOf(policy);
  if (!limit || !health || health.failures === 0) return null;
  const since =
    health.seconds === null
      ? Date.parse(health.last_success ?? "") || 0
      : now - health.seconds * 1000;
  const lasts = rows.flatMap(({ id, state, attempts, last }) =>
    last && Date.parse(last.at) >= since
      ? [{ at: last.at, delivery: id, attempt: attempts, outcome: last, state }]
      : [],
  );
  const failed = lasts.filter(({ state }) => state !== "success");
  const successes = lasts.filter(({ state }) => state === "success").map(({ at }) => at);
  const dots = counted(failed, health.failures, limit);
  return dots.length === 0 ? null : { dots, successes, limit: limit.line, all: health.failures };
}

/** Numbers the attempts so that the last one is the `all`th failure. */
function counted(failed: readonly Failed[], all: number, { crossing }: Limit): Dot[] {
  const sorted = [...failed].sort((a, b) => Date.parse(a.at) - Date.parse(b.at)).slice(-all);
  const before = all - sorted.length;
  return sorted.map(({ at, delivery, attempt, outcome }, i) => {
    const number = before + i + 1;
    const { status, error } = outcome;
    const crossed = number === crossing;
    return { at, delivery, attempt, number, crossed, outcome: { status, error } };
  });
}

function outcomeOf(outcome: Record<string, unknown>): Dot["outcome"] {
  const { status, error, fault } = outcome;
  const name = typeof error === "string" ? error : fault;
  return {
    status: typeof status === "number" ? status : null,
    error: typeof name === "string" ? name : null,
  };
}
