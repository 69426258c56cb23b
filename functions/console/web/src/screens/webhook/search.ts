import { type Codec, oneOf, text } from "../../lib/search.ts";
import { TABS, type WebhookTab } from "../history/search.ts";

export interface WebhookSearch {
  tab: WebhookTab;
  /** A path in the payload that is opened and marked. */
  node: string | undefined;
}

export const webhookSearch: Codec<WebhookSearch> = {
  parse: (raw) => ({ tab: oneOf(raw.tab, TABS) ?? "summary", node: text(raw.node, 1000) }),
  write: ({ tab, node }) => ({ tab: tab === "summary" ? undefined : tab, node }),
};
