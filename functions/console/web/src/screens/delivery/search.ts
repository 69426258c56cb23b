import { type Codec, oneOf, type Raw } from "../../lib/search.ts";
import { DELIVERY_TABS, type DeliveryTab } from "./tabs.ts";

/** The number of an attempt in an address. */
export function attemptOf(raw: Raw): number | undefined {
  return /^[1-9][0-9]{0,2}$/.test(raw.attempt ?? "") ? Number(raw.attempt) : undefined;
}

export interface DeliveryPageSearch {
  tab: DeliveryTab;
  /** The attempt that is marked; it is of the tab *attempts*. */
  attempt: number | undefined;
}

/** The search parameters of C-21. */
export const deliveryPageSearch: Codec<DeliveryPageSearch> = {
  parse: (raw) => {
    const tab = oneOf(raw.tab, DELIVERY_TABS) ?? "attempts";
    return { tab, attempt: tab === "attempts" ? attemptOf(raw) : undefined };
  },
  write: ({ tab, attempt }) => ({
    tab: tab === "attempts" ? undefined : tab,
    attempt: tab === "attempts" && attempt !== undefined ? String(attempt) : undefined,
  }),
};
