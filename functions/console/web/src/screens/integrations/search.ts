import { type Codec, form, oneOf, text } from "../../lib/search.ts";

export const STATES = ["active", "inactive", "errors"] as const;

export type StateFilter = (typeof STATES)[number];

export interface IntegrationsSearch {
  origin: string | undefined;
  application: string | undefined;
  state: StateFilter | undefined;
  q: string | undefined;
}

export const integrationsSearch: Codec<IntegrationsSearch> = {
  parse: (raw) => ({
    origin: form.origin.test(raw.origin ?? "") ? raw.origin : undefined,
    application: form.application.test(raw.application ?? "") ? raw.application : undefined,
    state: oneOf(raw.state, STATES),
    q: text(raw.q, 100),
  }),
  write: ({ origin, application, state, q }) => ({ origin, application, state, q }),
};
