import { useWorkspace } from "../../api/context.tsx";
import { paths } from "../../lib/paths.ts";
import { Button } from "../../ui/Button.tsx";
import { ButtonLink } from "../../ui/Link.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Wizard.module.css";

/** Back, leave, and the step's own way on. */
export function Footer(props: {
  onBack?: (() => void) | undefined;
  /** Without it the button sends the form around it. */
  onNext?: (() => void) | undefined;
  onSkip?: (() => void) | undefined;
  nextReason?: string | undefined;
  /** In place of *Continue*. */
  nextLabel?: string | undefined;
  /** Going on leaves something out: the button does not call for it. */
  isQuiet?: boolean;
  busy?: boolean;
  /** Something exists that can be left as it is. */
  canLeave?: boolean;
}) {
  const { integrations } = useWords();
  const words = integrations.wizard;
  const ws = useWorkspace().id;
  return (
    <footer className={styles.footer}>
      {props.onBack && <Button onPress={props.onBack}>{words.back}</Button>}
      {props.canLeave && <ButtonLink href={paths.integrations(ws)}>{words.leave}</ButtonLink>}
      <span className={styles.forward}>
        {props.onSkip && (
          <Button kind="quiet" onPress={props.onSkip}>
            {words.skip}
          </Button>
        )}
        <Button
          kind={props.isQuiet ? "plain" : "primary"}
          busy={props.busy ?? false}
          reason={props.nextReason}
          submit={props.onNext === undefined}
          onPress={props.onNext}
        >
          {props.nextLabel ?? words.next}
        </Button>
      </span>
    </footer>
  );
}
