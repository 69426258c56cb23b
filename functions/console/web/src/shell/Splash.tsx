import { useWords } from "../words/index.ts";
import styles from "./Message.module.css";

/** Stands for the page until it is known who is signed in. It appears late, so that it seldom does. */
export function Splash() {
  const w = useWords().common;
  return (
    <output className={styles.splash} aria-label={w.loading}>
      <span className={styles.pulse} />
    </output>
  );
}
