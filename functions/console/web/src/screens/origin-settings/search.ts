import { type Codec, oneOf } from "../../lib/search.ts";

export const TABS = ["general", "integrations", "history", "advanced"] as const;
export type OriginTab = (typeof TABS)[number];

export const originSearch: Codec<{ tab: OriginTab }> = {
  parse: (raw) => ({ tab: oneOf(raw.tab, TABS) ?? "general" }),
  write: ({ tab }) => ({ tab: tab === "general" ? undefined : tab }),
};
