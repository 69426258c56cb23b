import { useWords } from "../words/index.ts";
import styles from "./Counter.module.css";

/** The number of what matches, said politely. Dotted while the counters catch up with an action. */
export function Counter(props: { children: string; catching?: boolean }) {
  const { common } = useWords();
  return (
    <output
      className={styles.counter}
      data-catching={props.catching || undefined}
      title={props.catching ? common.updating : undefined}
    >
      {props.children}
    </output>
  );
}
