import { type ReactNode, useId } from "react";
import styles from "./Rule.module.css";

/** A numbered part of the rule. */
export function Section(props: {
  number: number;
  title: string;
  hint?: string;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section className={styles.section} aria-labelledby={id}>
      <h2 id={id} className={styles.title}>
        <span className={styles.number}>{props.number}</span>
        {props.title}
      </h2>
      {props.hint && <p className={styles.hint}>{props.hint}</p>}
      {props.children}
    </section>
  );
}
