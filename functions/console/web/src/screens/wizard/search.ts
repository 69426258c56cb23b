import { type Codec, form, oneOf } from "../../lib/search.ts";

export const STEPS = [
  "application",
  "origin",
  "verification",
  "sample",
  "mapping",
  "additional",
  "done",
] as const;

export type Step = (typeof STEPS)[number];

export interface WizardSearch {
  step: Step;
  origin: string | undefined;
  application: string | undefined;
  integration: string | undefined;
  webhook: string | undefined;
  /** The mapping begins with a sample that is pasted. */
  sample: "pasted" | undefined;
}

/** The steps before the integration is made; the others need it. */
const BEFORE: readonly Step[] = ["application", "origin"];

export const wizardSearch: Codec<WizardSearch> = {
  parse: (raw) => {
    const integration = form.integration.test(raw.integration ?? "") ? raw.integration : undefined;
    const application = form.application.test(raw.application ?? "") ? raw.application : undefined;
    const wanted = oneOf(raw.step, STEPS) ?? "application";
    const needsMore = integration === undefined && !BEFORE.includes(wanted);
    const isTooEarly =
      wanted === "origin" && application === undefined && integration === undefined;
    return {
      step: needsMore || isTooEarly ? "application" : wanted,
      origin: form.origin.test(raw.origin ?? "") ? raw.origin : undefined,
      application,
      integration,
      webhook: form.webhook.test(raw.webhook ?? "") ? raw.webhook : undefined,
      sample: oneOf(raw.sample, ["pasted"]),
    };
  },
  write: ({ step, ...rest }) => ({ step: step === "application" ? undefined : step, ...rest }),
};
