import { type KeyboardEvent, useEffect, useState } from "react";
import { visible } from "../../lib/jsonShow.ts";
import { rowAt, rowText, type TextRows } from "../../lib/jsonText.ts";
import { useWords } from "../../words/index.ts";
import { cx } from "../cx.ts";
import type { JsonReader } from "./reader.ts";
import styles from "./TextView.module.css";
import { useVirtual } from "./useVirtual.ts";

const ROW_HEIGHT = 20;

interface Shown {
  readonly text: string;
  readonly rows: TextRows;
}

/** The text as it came, or formatted, in rows with the numbers of its lines. */
export function TextView(props: {
  reader: JsonReader;
  formatted: boolean;
  label: string;
  /** A place of the text that is shown and marked. */
  place: number | undefined;
}) {
  const { reader, formatted } = props;
  const [shown, setShown] = useState<Shown>();
  useEffect(() => {
    let wanted = true;
    reader.rows(formatted).then(
      (made) => wanted && setShown(made),
      () => wanted && setShown(undefined),
    );
    return () => {
      wanted = false;
    };
  }, [reader, formatted]);
  const { json: words } = useWords();
  if (shown === undefined) return <p className={styles.reading}>{words.reading}</p>;
  return <Lines shown={shown} label={props.label} place={props.place} />;
}

function Lines({
  shown,
  label,
  place,
}: {
  shown: Shown;
  label: string;
  place: number | undefined;
}) {
  const { text, rows } = shown;
  const virtual = useVirtual(rows.start.length, ROW_HEIGHT);
  const { scrollTo } = virtual;
  const marked = place === undefined ? undefined : rowAt(rows, place);
  useEffect(() => {
    if (marked !== undefined) scrollTo(marked);
  }, [marked, scrollTo]);

  const made = [];
  for (let at = virtual.first; at < virtual.last; at += 1) {
    const line = rows.line[at] ?? 0;
    made.push(
      <div key={at} className={cx(styles.row, at === marked && styles.marked)}>
        <span className={styles.line}>{line === 0 ? "" : line}</span>
        <bdi className={styles.text}>{visible(rowText(text, rows, at)).replaceAll("␉", "  ")}</bdi>
      </div>,
    );
  }
  return (
    <ScrollBox virtual={virtual} label={label}>
      {made}
    </ScrollBox>
  );
}

/** A box that the keyboard scrolls, with the drawn rows at their place. */
export function ScrollBox(props: {
  virtual: ReturnType<typeof useVirtual>;
  label: string;
  children: React.ReactNode;
}) {
  const { virtual } = props;
  function onKeyDown(event: KeyboardEvent<HTMLDivElement>) {
    const box = event.currentTarget;
    if (event.key === "Home") box.scrollTop = 0;
    else if (event.key === "End") box.scrollTop = virtual.height;
    else return;
    event.preventDefault();
  }
  return (
    <section
      ref={virtual.ref}
      onScroll={virtual.onScroll}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls has to be reached by keyboard.
      tabIndex={0}
      aria-label={props.label}
      className={styles.box}
      onKeyDown={onKeyDown}
    >
      <div style={{ height: virtual.height }}>
        <div className={styles.rows} style={{ transform: `translateY(${virtual.offset}px)` }}>
          {props.children}
        </div>
      </div>
    </section>
  );
}
