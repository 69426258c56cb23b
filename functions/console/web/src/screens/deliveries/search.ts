import type { DeliveryFilter, DeliveryState } from "../../api/deliveries.ts";
import { isBound } from "../../lib/period.ts";
import { type Codec, form, joined, listOf, matching, oneOf, text } from "../../lib/search.ts";
import { attemptOf } from "../delivery/search.ts";

export const TABS = ["error", "process", "success", "all", "held", "discarded"] as const;
export type Tab = (typeof TABS)[number];

const STATES: readonly DeliveryState[] = [
  "failure",
  "retrying",
  "queued",
  "held",
  "success",
  "discarded",
];

/** The states of a tab; `all` is what the page calls all: with error and succeeded (S2.4). */
export const STATES_OF: Record<Tab, DeliveryState[]> = {
  error: ["failure", "retrying"],
  process: ["queued"],
  success: ["success"],
  all: ["failure", "retrying", "success"],
  held: ["held"],
  discarded: ["discarded"],
};

export interface DeliverySearch {
  tab: Tab;
  /** States chosen one by one; they stand in place of the tab. */
  state: DeliveryState[];
  from: string | undefined;
  to: string | undefined;
  subject: string | undefined;
  rule: string[];
  endpoint: string[];
  integration: string[];
  /** The delivery whose details are open. */
  d: string | undefined;
  /** The attempt of it that is marked. */
  attempt: number | undefined;
  live: boolean;
}

const MOST = 50;
const bound = (value: string | undefined) =>
  value !== undefined && isBound(value) ? value : undefined;

/** The search parameters of C-20. */
export const deliverySearch: Codec<DeliverySearch> = {
  parse: (raw) => ({
    tab: oneOf(raw.tab, TABS) ?? "all",
    state: listOf(raw.state, STATES),
    from: bound(raw.from),
    to: bound(raw.to),
    subject: text(raw.subject, 256),
    rule: matching(raw.rule, form.rule, MOST),
    endpoint: matching(raw.endpoint, form.endpoint, MOST),
    integration: matching(raw.integration, form.integration, MOST),
    d: matching(raw.d, form.delivery, 1)[0],
    attempt: raw.d === undefined ? undefined : attemptOf(raw),
    live: raw.live === "1",
  }),
  write: (values) => ({
    tab: values.tab === "all" || values.state.length > 0 ? undefined : values.tab,
    state: joined(values.state),
    from: values.from,
    to: values.to,
    subject: values.subject,
    rule: joined(values.rule),
    endpoint: joined(values.endpoint),
    integration: joined(values.integration),
    d: values.d,
    attempt: values.d && values.attempt ? String(values.attempt) : undefined,
    live: values.live ? "1" : undefined,
  }),
};

/** The tab that shows as chosen: the one whose states are asked for, else the one of the address. */
export function tabOf(search: DeliverySearch): Tab {
  const { state } = search;
  if (state.length === 0) return search.tab;
  if (state.every((one) => STATES_OF.error.includes(one))) return "error";
  const same = TABS.find(
    (tab) =>
      STATES_OF[tab].length === state.length && STATES_OF[tab].every((s) => state.includes(s)),
  );
  return same ?? "all";
}

/** The filter that the list is asked with. */
export function filterOf(search: DeliverySearch): DeliveryFilter {
  const { subject, rule, endpoint, integration } = search;
  return {
    from: search.from,
    to: search.to,
    subject,
    state: search.state.length > 0 ? search.state : STATES_OF[search.tab],
    rule,
    endpoint,
    integration,
  };
}

/** True while a filter besides the tab is set (S1.10 for this list). */
export function isFiltered(search: DeliverySearch): boolean {
  const { from, to, subject, rule, endpoint, integration } = search;
  return Boolean(from ?? to ?? subject) || [rule, endpoint, integration].some((l) => l.length > 0);
}

/** Takes every filter away; the tab stays. */
export const CLEARED: Partial<DeliverySearch> = {
  from: undefined,
  to: undefined,
  subject: undefined,
  rule: [],
  endpoint: [],
  integration: [],
};
