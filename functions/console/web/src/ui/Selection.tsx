import type { ReactNode } from "react";
import { useWords } from "../words/index.ts";
import { Button } from "./Button.tsx";
import styles from "./Selection.module.css";

/** Stands above a table while rows of it are selected. */
export function SelectionBar(props: {
  selected: number;
  /** Everything that the filter matches, by the server's count. */
  total: number;
  /** All that match are meant, not only the rows on the screen. */
  all: boolean;
  onAll: () => void;
  onClear: () => void;
  children: ReactNode;
}) {
  const { parts } = useWords();
  const text = props.all
    ? parts.table.allSelected(props.total)
    : parts.table.selected(props.selected);
  return (
    <div className={styles.bar} role="toolbar" aria-label={text}>
      <output className={styles.count}>{text}</output>
      {!props.all && props.total > props.selected && (
        <Button kind="quiet" small onPress={props.onAll}>
          {parts.table.selectAll(props.total)}
        </Button>
      )}
      <Button kind="quiet" small onPress={props.onClear}>
        {parts.table.unselect}
      </Button>
      <span className={styles.actions}>{props.children}</span>
    </div>
  );
}
