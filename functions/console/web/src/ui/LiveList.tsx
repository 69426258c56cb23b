import type { ReactNode, RefObject } from "react";
import { Button } from "./Button.tsx";
import styles from "./LiveList.module.css";

/** A list with a button, above it, for the rows that came while others were read. */
export function LiveList(props: {
  place: RefObject<HTMLDivElement | null>;
  waiting: number;
  /** The number of waiting rows in words. */
  label: string;
  onShow: () => void;
  children: ReactNode;
}) {
  return (
    <div ref={props.place} className={styles.list}>
      {props.waiting > 0 && (
        <div className={styles.fresh}>
          <Button kind="primary" small onPress={props.onShow}>
            {props.label}
          </Button>
        </div>
      )}
      {props.children}
    </div>
  );
}
