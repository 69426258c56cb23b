import { Button } from "react-aria-components";
import { cx } from "../../ui/cx.ts";
import { Icon } from "../../ui/Icon.tsx";
import { useWords } from "../../words/index.ts";
import { STEPS } from "./search.ts";
import styles from "./Wizard.module.css";
import type { StepProps } from "./Wizard.tsx";

/** The steps at the side, with ticks on those that are done. */
export function Steps(props: Pick<StepProps, "search" | "go">) {
  const { integrations } = useWords();
  const words = integrations.wizard;
  const { search } = props;
  const now = STEPS.indexOf(search.step);
  const isMade = search.integration !== undefined;
  return (
    <nav aria-label={words.steps} className={styles.steps}>
      <ol>
        {STEPS.map((step, at) => {
          const isDone = at < now || (isMade && at < 2);
          // The application and the origin of an integration that exists are not chosen again.
          const isOpen = isMade ? at >= 2 : at < now;
          return (
            <li key={step} aria-current={at === now ? "step" : undefined}>
              <Button
                className={cx(styles.step, at === now && styles.now)}
                isDisabled={!isOpen || at === now}
                onPress={() => props.go(step)}
              >
                <span className={cx(styles.number, isDone && styles.ticked)}>
                  {isDone ? <Icon name="check" size={12} /> : at + 1}
                </span>
                <span className={styles.stepName}>{words.stepNames[step]}</span>
                {isDone && <span className="visually-hidden">({words.done})</span>}
              </Button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
