import type { Schemas } from "../../api/configuration.ts";

type Origin = Schemas["Origin"];
type Integration = Schemas["Integration"];

export interface OriginRow extends Origin {
  integrations: number;
  active: number;
  received: number;
  /** Of what came in 24 h; `null`: nothing came. */
  errorPercent: number | null;
}

/** The origins with the numbers of their integrations. */
export function rowsOf(
  origins: readonly Origin[],
  integrations: readonly Integration[],
): OriginRow[] {
  return origins.map((origin) => {
    const own = integrations.filter((one) => one.origin === origin.id);
    const sum = (of: "received" | "error") =>
      own.reduce((all, one) => all + one.activity.last_24h[of], 0);
    const received = sum("received");
    return {
      ...origin,
      integrations: own.length,
      active: own.filter((one) => one.active).length,
      received,
      errorPercent: received === 0 ? null : (100 * sum("error")) / received,
    };
  });
}
