import { type ReactNode, useState } from "react";
import { useApplications } from "../../api/configuration.ts";
import { Copy } from "../../ui/Copy.tsx";
import { Form, useFormProblem } from "../../ui/Form.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { useWords } from "../../words/index.ts";
import { AddCheck } from "../integration/AddCheck.tsx";
import { AddressField } from "../integration/AddressField.tsx";
import { readAddresses } from "../integration/addresses.ts";
import { shownCheck } from "../integration/checks.ts";
import { type Integration, type IntegrationPatch, useChange } from "../integration/useChange.ts";
import { Footer } from "./Footer.tsx";
import { PromptField } from "./PromptField.tsx";
import { checksToSend, type Given, promptsOf } from "./prompts.ts";
import { Title } from "./Title.tsx";
import styles from "./Wizard.module.css";
import { beside, type StepProps } from "./Wizard.tsx";

/** The questions that the application's checks have; a generated secret is shown once. */
export function VerificationStep(props: StepProps & { integration: Integration }) {
  const { integration, go } = props;
  const { integrations } = useWords();
  const words = integrations.wizard;
  const application = useApplications().data?.find((one) => one.key === integration.application);
  const change = useChange(integration);
  const problem = useFormProblem();
  const [given, setGiven] = useState<Given>({});
  const [generated, setGenerated] = useState<readonly string[]>([]);
  const saved = integration.allowed_ips.join("\n");
  const [ips, setIps] = useState(saved);
  const isSet = integration.verification.length > 0;
  const prompts = isSet ? [] : promptsOf(application?.verification ?? []);
  const next = () => go(beside("verification", 1));

  /** A secret that was generated is shown here; without one the step is over. */
  function send(patch: IntegrationPatch, onDone?: () => void) {
    change.mutate(patch, {
      onSuccess: ({ generated: made }) => {
        const shown = made.flatMap((one) => (one.value === null ? [] : [one.value]));
        if (shown.length > 0) setGenerated(shown);
        else onDone?.();
      },
      onError: problem.set,
    });
  }
  function submit() {
    const patch: IntegrationPatch = {
      ...(prompts.length === 0
        ? {}
        : { verification: checksToSend(application?.verification ?? [], given) }),
      ...(ips === saved ? {} : { allowed_ips: readAddresses(ips) }),
    };
    if (Object.keys(patch).length === 0) next();
    else send(patch, next);
  }
  return (
    <Form problem={problem} onSubmit={submit}>
      <Title>{words.verificationTitle}</Title>
      {generated.length > 0 && <Generated secrets={generated} />}
      {isSet && (
        <Checks checks={integration.verification}>
          {generated.length === 0 && <p className={styles.hint}>{words.alreadySet}</p>}
        </Checks>
      )}
      {!isSet && prompts.length === 0 && (
        <>
          <Banner tone="plain">{integrations.verification.none}</Banner>
          <div>
            <AddCheck busy={change.isPending} onAdd={(check) => send({ verification: [check] })} />
            <p className={styles.hint}>{integrations.verification.addAbout}</p>
          </div>
        </>
      )}
      {prompts.map((prompt) => (
        <PromptField
          key={prompt.id}
          prompt={prompt}
          application={application?.name ?? ""}
          value={given[prompt.id]}
          onChange={(value) => setGiven({ ...given, [prompt.id]: value })}
          error={problem.of(prompt.id)}
        />
      ))}
      <details className={styles.advanced} open={saved !== ""}>
        <summary>{integrations.verification.advanced}</summary>
        <AddressField value={ips} onChange={setIps} problem={problem} />
      </details>
      <Footer
        canLeave
        busy={change.isPending}
        nextLabel={generated.length > 0 ? words.keepSecret : undefined}
        onSkip={prompts.length > 0 ? next : undefined}
      />
    </Form>
  );
}

function Generated({ secrets }: { secrets: readonly string[] }) {
  const { integrations } = useWords();
  return (
    <>
      <Banner tone="wait" alert>
        {integrations.wizard.secretNow}
      </Banner>
      {secrets.map((secret) => (
        <div key={secret} className={styles.secret}>
          <code>{secret}</code>
          <Copy text={secret}>{integrations.wizard.copySecret}</Copy>
        </div>
      ))}
    </>
  );
}

/** The checks in force, each with what the sender has to be told besides the secret. */
function Checks(props: { checks: Integration["verification"]; children: ReactNode }) {
  const { types } = useWords().integrations.verification;
  return (
    <Banner tone="ok">
      {props.checks.map((check, at) => {
        const shown = shownCheck(check);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a check has no other name than its place.
          <p key={at}>
            {types[shown.type]} {shown.detail !== undefined && <code>{shown.detail}</code>}
          </p>
        );
      })}
      {props.children}
    </Banner>
  );
}
