import type { CSSProperties, ReactNode } from "react";
import { Kind } from "../../lib/jsonIndex.ts";
import { canOpen, type Row as RowOf } from "../../lib/jsonRows.ts";
import { glimpse, keyShown, LONGEST, valueShown } from "../../lib/jsonShow.ts";
import {
  childCount,
  isContainer,
  type JsonDocument,
  kindOf,
  lengthOf,
} from "../../lib/jsonTree.ts";
import { useWords } from "../../words/index.ts";
import { cx } from "../cx.ts";
import styles from "./Tree.module.css";

const NAMES = ["object", "list", "string", "number", "boolean", "boolean", "null"] as const;
const LOOKS = [
  undefined,
  undefined,
  styles.string,
  styles.number,
  styles.word,
  styles.word,
  styles.word,
];

/** Deeper levels are drawn at this one, so that a row always has room for its value. */
const DEEPEST_INDENT = 24;

export function Row(props: {
  json: JsonDocument;
  row: RowOf;
  id: string;
  isOpen: boolean;
  isActive: boolean;
  isMatch: boolean;
  isRepeated: boolean;
  marks: readonly string[];
  draggable: boolean;
  onPress: () => void;
  onDrag: (data: DataTransfer) => void;
  children?: ReactNode;
}) {
  const { json, row, isOpen } = props;
  const { json: words } = useWords();
  const opens = canOpen(json, row);
  const indent: CSSProperties & Record<"--level", number> = {
    "--level": Math.min(row.level, DEEPEST_INDENT),
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree around takes the keys for the active row.
    // biome-ignore lint/a11y/useFocusableInteractive: the tree names its active row by aria-activedescendant.
    <div
      role="treeitem"
      id={props.id}
      aria-level={row.level}
      aria-setsize={row.siblings}
      aria-posinset={row.place}
      aria-selected={props.isActive}
      aria-expanded={opens ? isOpen : undefined}
      className={cx(
        styles.row,
        opens && styles.opens,
        isOpen && styles.open,
        props.isActive && styles.active,
        props.isMatch && styles.match,
      )}
      style={indent}
      draggable={props.draggable}
      onDragStart={(event) => props.onDrag(event.dataTransfer)}
      onClick={props.onPress}
    >
      <Label json={json} row={row} />
      <Value json={json} row={row} isOpen={isOpen} />
      {props.isRepeated && <span className={styles.repeated}>{words.repeated}</span>}
      {props.marks.map((mark) => (
        <span key={mark} className={styles.mark}>
          {mark}
        </span>
      ))}
      {props.children}
    </div>
  );
}

function Label({ json, row }: { json: JsonDocument; row: RowOf }) {
  if (row.block !== undefined) {
    return <span className={styles.place}>{`[${row.block[0]} … ${row.block[1] - 1}]`}</span>;
  }
  if (row.level === 1) return null;
  const key = keyShown(json, row.node);
  if (key === undefined) return <span className={styles.place}>{row.position}</span>;
  return <bdi className={styles.key}>{key}</bdi>;
}

function Value({ json, row, isOpen }: { json: JsonDocument; row: RowOf; isOpen: boolean }) {
  const { json: words } = useWords();
  if (row.block !== undefined) return null;
  const kind = kindOf(json, row.node);
  if (isContainer(json, row.node)) {
    const count = childCount(json, row.node);
    const counted = kind === Kind.object ? words.keys(count) : words.items(count);
    return (
      <bdi className={styles.container} title={words.kinds[NAMES[kind]]}>
        {isOpen ? counted : `${counted}  ${glimpse(json, row.node)}`}
      </bdi>
    );
  }
  const { text, cut } = valueShown(json, row.node);
  const length = lengthOf(json, row.node);
  const title =
    length > 80 ? words.kindLong(words.kinds[NAMES[kind]], length) : words.kinds[NAMES[kind]];
  return (
    <bdi className={cx(styles.value, LOOKS[kind])} title={title}>
      {cut ? `${text}… (${words.cut(LONGEST)})` : text}
    </bdi>
  );
}
