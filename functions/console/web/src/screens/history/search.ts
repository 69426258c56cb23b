import type { InboundStatus, WebhookFilter } from "../../api/history.ts";
import { isBound } from "../../lib/period.ts";
import { type Codec, form, joined, listOf, matching, oneOf, text } from "../../lib/search.ts";

export const STATUSES: readonly InboundStatus[] = ["success", "error", "pending"];
export const TABS = ["summary", "payload", "runs", "headers"] as const;
export type WebhookTab = (typeof TABS)[number];

export interface HistorySearch extends WebhookFilter {
  /** The webhook whose drawer is open. */
  w: string | undefined;
  tab: WebhookTab;
  /** A path in the payload that is opened and marked. */
  node: string | undefined;
  live: boolean;
  /** The dialog to reprocess everything that the filter matches is open. */
  again: boolean;
}

const bound = (value: string | undefined) =>
  value !== undefined && isBound(value) ? value : undefined;

export const historySearch: Codec<HistorySearch> = {
  parse: (raw) => ({
    from: bound(raw.from),
    to: bound(raw.to),
    status: listOf(raw.status, STATUSES),
    application: matching(raw.application, form.application, 50),
    integration: matching(raw.integration, form.integration, 50),
    q: text(raw.q, 256),
    w: matching(raw.w, form.webhook, 1)[0],
    tab: oneOf(raw.tab, TABS) ?? "summary",
    node: text(raw.node, 1000),
    live: raw.live === "1",
    again: raw.again === "1",
  }),
  write: (values) => ({
    from: values.from,
    to: values.to,
    // All of a list says the same as none.
    status: values.status.length === STATUSES.length ? undefined : joined(values.status),
    application: joined(values.application),
    integration: joined(values.integration),
    q: values.q,
    live: values.live ? "1" : undefined,
    again: values.again ? "1" : undefined,
    w: values.w,
    tab: values.w === undefined || values.tab === "summary" ? undefined : values.tab,
    node: values.w === undefined ? undefined : values.node,
  }),
};

export const NO_FILTER: WebhookFilter = {
  from: undefined,
  to: undefined,
  status: [],
  application: [],
  integration: [],
  q: undefined,
};

/** The filters alone, which are the key of the list: the open drawer is not part of it. */
export function filterOf(values: HistorySearch): WebhookFilter {
  const { from, to, status, application, integration, q } = values;
  return { from, to, status, application, integration, q };
}

export function isFiltered(filter: WebhookFilter): boolean {
  const { from, to, status, application, integration, q } = filter;
  const written = historyQuery({ from, to, status, application, integration, q });
  return Object.values(written).some((value) => value !== undefined);
}

const EMPTY: HistorySearch = {
  ...NO_FILTER,
  w: undefined,
  tab: "summary",
  node: undefined,
  live: false,
  again: false,
};

/** The query of an address that shows these filters. */
export function historyQuery(filter: Partial<HistorySearch>) {
  return historySearch.write({ ...EMPTY, ...filter });
}
