import { plainText } from "../lib/foreign.ts";
import { useStore } from "../lib/store.ts";
import { useWords } from "../words/index.ts";
import { Time } from "./Time.tsx";
import styles from "./Toast.module.css";
import { activity } from "./toasts.ts";

/** Everything that was said in this tab. */
export function Activity() {
  const { parts } = useWords();
  const said = useStore(activity);
  if (said.length === 0) return <p className={styles.none}>{parts.toast.noActivity}</p>;
  return (
    <ol className={styles.history}>
      {said.map((toast) => (
        <li key={toast.id} data-tone={toast.tone}>
          <Time at={toast.at} />
          <span>{plainText(toast.text, 400)}</span>
        </li>
      ))}
    </ol>
  );
}
