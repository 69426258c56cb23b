import { type Codec, form, oneOf, text } from "../../lib/search.ts";

export const TABS = [
  "mapping",
  "additional",
  "verification",
  "url",
  "refused",
  "versions",
  "receive",
] as const;

export type Tab = (typeof TABS)[number];

export interface IntegrationSearch {
  tab: Tab;
  /** The webhook that the mapping is tried on. */
  webhook: string | undefined;
  /** The version of the mapping that is compared with the one before. */
  version: number | undefined;
  /** The target of a field that an error names. */
  field: string | undefined;
}

export const integrationSearch: Codec<IntegrationSearch> = {
  parse: (raw) => ({
    tab: oneOf(raw.tab, TABS) ?? "mapping",
    webhook: form.webhook.test(raw.webhook ?? "") ? raw.webhook : undefined,
    version: /^[1-9][0-9]{0,6}$/.test(raw.version ?? "") ? Number(raw.version) : undefined,
    field: text(raw.field, 100),
  }),
  write: ({ tab, webhook, version, field }) => ({
    tab: tab === "mapping" ? undefined : tab,
    webhook,
    version: version === undefined ? undefined : String(version),
    field,
  }),
};
