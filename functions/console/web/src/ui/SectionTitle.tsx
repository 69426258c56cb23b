import { createContext, type ReactNode, useContext } from "react";
import styles from "./SectionTitle.module.css";

/** The level of titles below the one of the page (2), or of a drawer or dialog (3), which have a level 2 themselves. */
export const TitleLevel = createContext<2 | 3>(2);

/** The title of a part that stands on pages, in drawers and in dialogs. */
export function SectionTitle({ children }: { children: ReactNode }) {
  const Title = `h${useContext(TitleLevel)}` as const;
  return <Title className={styles.title ?? ""}>{children}</Title>;
}
