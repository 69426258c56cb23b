import { createContext, type ReactNode, useContext } from "react";
import { paths } from "../lib/paths.ts";
import { Anchor } from "../ui/Anchor.tsx";
import { useWords } from "../words/index.ts";
import styles from "./Message.module.css";
import { type Crumb, useCrumbs } from "./page.ts";

/** True below the bars of a workspace, which have a `main` already. */
export const InShell = createContext(false);

interface Props {
  title: string;
  text?: string | undefined;
  /** Offers the way to the start of the console. */
  home?: boolean;
  /** The screen above this one, such as the list of what was not found. */
  above?: Crumb | undefined;
  /** It came without being asked for, so readers hear it at once. */
  alert?: boolean;
  /** Buttons. */
  children?: ReactNode;
}

/** A screen that consists of one message. */
export function Message({ title, text, home, above, alert, children }: Props) {
  const w = useWords().common;
  const Place = useContext(InShell) ? "div" : "main";
  useCrumbs([...(above ? [above] : []), { label: title }], w.product);
  return (
    <Place className={styles.message}>
      <div {...(alert ? { role: "alert" } : {})}>
        <h1>{title}</h1>
        {text && <p className={styles.text}>{text}</p>}
      </div>
      {children && <div className={styles.actions}>{children}</div>}
      {above?.href && <Anchor href={above.href}>{above.label}</Anchor>}
      {home && <Anchor href={paths.start}>{w.problem.toHome}</Anchor>}
    </Place>
  );
}
