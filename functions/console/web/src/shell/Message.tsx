import type { ReactNode } from "react";
import { paths } from "../lib/paths.ts";
import { Anchor } from "../ui/Anchor.tsx";
import { useWords } from "../words/index.ts";
import styles from "./Message.module.css";

interface Props {
  title: string;
  text?: string | undefined;
  /** Offers the way to the start of the console. */
  home?: boolean;
  children?: ReactNode;
}

/** A screen that consists of one message. */
export function Message({ title, text, home, children }: Props) {
  const w = useWords().common;
  return (
    <main className={styles.message}>
      <h1>{title}</h1>
      {text && <p className={styles.text}>{text}</p>}
      {children}
      {home && <Anchor href={paths.start}>{w.problem.toHome}</Anchor>}
    </main>
  );
}
