import { TextInput } from "../../ui/Field.tsx";
import { Radios } from "../../ui/Radios.tsx";
import { useLanguage } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import type { Prompt } from "./prompts.ts";
import styles from "./Wizard.module.css";

/** The question for a secret: generated here, or pasted from the other system. */
export function PromptField(props: {
  prompt: Prompt;
  application: string;
  /** `undefined`: generated, where the gateway can. */
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  error: string | undefined;
}) {
  const { prompt, value } = props;
  const { integrations } = useWords();
  const { verification, wizard } = integrations;
  const language = useLanguage();
  const generates = prompt.generate && value === undefined;
  return (
    <div className={styles.prompt}>
      {prompt.generate && (
        <Radios
          row
          label={prompt[language]}
          name={`${prompt.id}.kind`}
          value={generates ? "generate" : "paste"}
          options={[
            { id: "generate", label: wizard.generateHere(props.application) },
            { id: "paste", label: wizard.pasteFrom(props.application) },
          ]}
          onChange={(kind) => props.onChange(kind === "paste" ? "" : undefined)}
        />
      )}
      {!generates && (
        <TextInput
          required
          type="password"
          label={prompt.generate ? verification.secret : prompt[language]}
          hint={verification.pasteHint}
          name={prompt.id}
          maxLength={512}
          value={value ?? ""}
          onChange={props.onChange}
          error={props.error}
        />
      )}
    </div>
  );
}
