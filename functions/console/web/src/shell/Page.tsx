import type { ReactNode } from "react";
import { plainText } from "../lib/foreign.ts";
import { useWords } from "../words/index.ts";
import styles from "./Page.module.css";
import { type Crumb, useCrumbs } from "./page.ts";

interface Props {
  title: string;
  /** In place of the title's text, such as a title that is a switcher. */
  heading?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  /** The way above this screen; the title is added. */
  above?: readonly Crumb[];
  children: ReactNode;
}

/** The frame of a screen: title, one line of description, actions at the right, content. */
export function Page({ title, heading, description, actions, above = [], children }: Props) {
  const { product } = useWords().common;
  useCrumbs([...above, { label: title }], product);
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <div className={styles.titles}>
          <h1>{heading ?? plainText(title)}</h1>
          {description && <p className={styles.description}>{description}</p>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}
