import { allTries } from "./attemptLine.ts";
import type { Policy } from "./presets.ts";

/** The part of a policy that decides how long a delivery is tried. */
export type Patient = Pick<Policy, "waits" | "success" | "timeout_ms" | "order" | "suspension">;

/** Seconds until an endpoint is suspended that gets one event a second and fails every time; null: never. */
export function suspendedAfter(policy: Pick<Policy, "suspension">): number | null {
  if (!policy.suspension) return null;
  const { trip } = policy.suspension;
  return "window" in trip ? trip.window.more_than + 1 : trip.streak.failures;
}

/** The milliseconds between the first try and the last, if every one fails at once. */
export function wholeTime(policy: Pick<Policy, "waits">): number {
  return allTries(policy.waits, 0).at(-1) ?? 0;
}
