import { Form } from "../../ui/Form.tsx";
import { useWords } from "../../words/index.ts";
import {
  AdditionalFields,
  additionalOf,
  additionalPatch,
} from "../integration/AdditionalFields.tsx";
import type { Integration } from "../integration/useChange.ts";
import { useSettings } from "../integration/useSettings.ts";
import { Footer } from "./Footer.tsx";
import { Title } from "./Title.tsx";
import { beside, type StepProps } from "./Wizard.tsx";

/** The tag, stage and status of the deals that come in (S3.9). */
export function AdditionalStep(props: StepProps & { integration: Integration }) {
  const { integration, go } = props;
  const { integrations } = useWords();
  const form = useSettings(integration, additionalOf, additionalPatch);
  const next = () => go(beside("additional", 1));
  return (
    <Form problem={form.problem} onSubmit={() => (form.isChanged ? form.save(next) : next())}>
      <Title>{integrations.wizard.additionalTitle}</Title>
      <AdditionalFields
        withoutAction
        origin={integration.origin}
        values={form.values}
        onChange={form.set}
        problem={form.problem}
      />
      <Footer canLeave busy={form.isPending} onBack={() => go(beside("additional", -1))} />
    </Form>
  );
}
