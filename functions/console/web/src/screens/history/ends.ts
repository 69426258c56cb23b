import { instants } from "../../lib/period.ts";

/** The period has an end, and that end is over. */
export function endsInThePast(to: string | undefined, now: number, zone: string): boolean {
  if (to === undefined) return false;
  const end = instants({ to }, now, zone).to;
  return end !== null && end < now;
}
