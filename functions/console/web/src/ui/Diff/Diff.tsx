import { useMemo, useState } from "react";
import { type DiffPart, diffLines, type LineKind, withoutTheEqual } from "../../lib/diff.ts";
import { visible } from "../../lib/jsonShow.ts";
import { useWords } from "../../words/index.ts";
import { cx } from "../cx.ts";
import styles from "./Diff.module.css";

const SIGNS: Record<LineKind, string> = { same: " ", removed: "−", added: "+" };

/** The difference of two texts, line by line. Equal lines far from a change are folded. */
export function Diff(props: { before: string; after: string; label: string }) {
  const { before, after } = props;
  const { json: words } = useWords();
  const parts = useMemo(
    () => withoutTheEqual(diffLines(before.split("\n"), after.split("\n"))),
    [before, after],
  );
  if (before === after) return <p className={styles.same}>{words.diff.same}</p>;
  return (
    <section className={styles.diff} aria-label={props.label}>
      {parts.map((part) => (
        <Part key={`${part.lines[0]?.before}/${part.lines[0]?.after}`} part={part} />
      ))}
    </section>
  );
}

function Part({ part }: { part: DiffPart }) {
  const { json: words } = useWords();
  const [open, setOpen] = useState(false);
  if (part.kind === "gap" && !open) {
    return (
      <button type="button" className={styles.gap} onClick={() => setOpen(true)}>
        {words.diff.unchanged(part.lines.length)}
      </button>
    );
  }
  return part.lines.map((line) => (
    <div key={`${line.before}/${line.after}`} className={cx(styles.line, styles[line.kind])}>
      <span className={styles.sign} aria-hidden="true">
        {SIGNS[line.kind]}
      </span>
      {line.kind !== "same" && <span className="visually-hidden">{words.diff[line.kind]}: </span>}
      <bdi>{visible(line.text)}</bdi>
    </div>
  ));
}

/** The difference of two values as formatted JSON. */
export function JsonDiff(props: { before: unknown; after: unknown; label: string }) {
  const text = (value: unknown) => JSON.stringify(value, null, 2) ?? "";
  return <Diff before={text(props.before)} after={text(props.after)} label={props.label} />;
}
