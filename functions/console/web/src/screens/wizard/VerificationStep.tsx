import { useState } from "react";
import { useApplications } from "../../api/configuration.ts";
import { Copy } from "../../ui/Copy.tsx";
import { TextInput } from "../../ui/Field.tsx";
import { Form, useFormProblem } from "../../ui/Form.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { Radios } from "../../ui/Radios.tsx";
import { useLanguage } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import { type Integration, useChange } from "../integration/useChange.ts";
import { Footer } from "./Footer.tsx";
import { checksToSend, type Given, promptsOf } from "./prompts.ts";
import styles from "./Wizard.module.css";
import { beside, type StepProps } from "./Wizard.tsx";

/** The questions that the application's checks have; a generated secret is shown once. */
export function VerificationStep(props: StepProps & { integration: Integration }) {
  const { integration, go } = props;
  const { integrations } = useWords();
  const words = integrations.wizard;
  const application = useApplications().data?.find((one) => one.key === integration.application);
  const language = useLanguage();
  const change = useChange(integration);
  const problem = useFormProblem();
  const [given, setGiven] = useState<Given>({});
  const [generated, setGenerated] = useState<readonly string[]>([]);
  const prompts = promptsOf(application?.verification ?? []);
  const isSet = integration.verification.length > 0;
  const next = () => go(beside("verification", 1));

  function submit() {
    if (isSet || prompts.length === 0) return next();
    change.mutate(
      { verification: checksToSend(application?.verification ?? [], given) },
      {
        onSuccess: (changed) => {
          const shown = changed.generated.flatMap((one) => (one.value === null ? [] : [one.value]));
          if (shown.length === 0) next();
          else setGenerated(shown);
        },
        onError: problem.set,
      },
    );
  }
  return (
    <Form problem={problem} onSubmit={submit}>
      <h2>{words.verificationTitle}</h2>
      {generated.length > 0 && (
        <>
          <Banner tone="wait">{words.secretNow}</Banner>
          {generated.map((secret) => (
            <div key={secret} className={styles.secret}>
              <code>{secret}</code>
              <Copy text={secret}>{integrations.verification.secret}</Copy>
            </div>
          ))}
        </>
      )}
      {generated.length === 0 && isSet && <Banner tone="ok">{words.alreadySet}</Banner>}
      {!isSet && prompts.length === 0 && (
        <Banner tone="plain">{integrations.verification.none}</Banner>
      )}
      {!isSet &&
        prompts.map((prompt) => {
          const value = given[prompt.id];
          const generates = prompt.generate && value === undefined;
          return (
            <div key={prompt.id} className={styles.prompt}>
              {prompt.generate && (
                <Radios
                  row
                  label={prompt[language]}
                  name={`${prompt.id}.kind`}
                  value={generates ? "generate" : "paste"}
                  options={[
                    { id: "generate", label: words.generateHere(application?.name ?? "") },
                    { id: "paste", label: integrations.verification.paste },
                  ]}
                  onChange={(kind) =>
                    setGiven({ ...given, [prompt.id]: kind === "paste" ? "" : undefined })
                  }
                />
              )}
              {!generates && (
                <TextInput
                  required
                  type="password"
                  label={prompt.generate ? integrations.verification.paste : prompt[language]}
                  hint={integrations.verification.pasteHint}
                  name={prompt.id}
                  maxLength={512}
                  value={value ?? ""}
                  onChange={(text) => setGiven({ ...given, [prompt.id]: text })}
                  error={problem.of(prompt.id)}
                />
              )}
            </div>
          );
        })}
      <Footer
        canLeave
        busy={change.isPending}
        onSkip={!isSet && prompts.length > 0 ? next : undefined}
      />
    </Form>
  );
}
