import type { ReactNode } from "react";
import styles from "./Wizard.module.css";

/** The title of a step, which takes the focus when the step is gone to. */
export function Title({ children }: { children: ReactNode }) {
  return (
    <h2 tabIndex={-1} className={styles.title}>
      {children}
    </h2>
  );
}
