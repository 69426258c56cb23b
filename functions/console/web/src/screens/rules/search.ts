import { type Codec, form, text } from "../../lib/search.ts";

export interface RulesSearch {
  endpoint: string | undefined;
  integration: string | undefined;
  type: string | undefined;
}

export const rulesSearch: Codec<RulesSearch> = {
  parse: (raw) => ({
    endpoint: form.endpoint.test(raw.endpoint ?? "") ? raw.endpoint : undefined,
    integration: form.integration.test(raw.integration ?? "") ? raw.integration : undefined,
    type: text(raw.type, 64),
  }),
  write: ({ endpoint, integration, type }) => ({ endpoint, integration, type }),
};
