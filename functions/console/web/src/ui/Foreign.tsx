import { useMemo, useState } from "react";
import { CUT, cut, middle, pieces, plainText } from "../lib/foreign.ts";
import { useWords } from "../words/index.ts";
import { Button } from "./Button.tsx";
import { cx } from "./cx.ts";
import styles from "./Foreign.module.css";

/**
 * A text from outside: isolated in its direction, its controls as visible marks, never markup or a link.
 * `middle` cuts a URL so that both its ends are seen; the whole text stays in its title.
 */
export function Foreign(props: {
  text: string;
  code?: boolean;
  /** Keeps line breaks. */
  block?: boolean;
  middle?: number;
  /** The look of the place that it stands in. */
  className?: string | undefined;
}) {
  const { parts } = useWords();
  const [whole, setWhole] = useState(false);
  const shortened = props.middle ? middle(props.text, props.middle) : props.text;
  const text = whole ? shortened : cut(shortened);
  const found = useMemo(() => pieces(text), [text]);
  // The place of a piece is its identity: the list is made anew with every text.
  const spans = found.map((piece, at) =>
    piece.mark ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other identity
      <span key={at} className={styles.mark}>
        {piece.text}
      </span>
    ) : (
      piece.text
    ),
  );
  return (
    <>
      <bdi
        className={cx(props.code && styles.code, props.block && styles.block, props.className)}
        {...(shortened === props.text ? {} : { title: plainText(props.text, CUT) })}
      >
        {spans}
        {text.length < shortened.length && "…"}
      </bdi>
      {!whole && shortened.length > CUT && (
        <Button kind="quiet" small onPress={() => setWhole(true)}>
          {parts.showAll}
        </Button>
      )}
    </>
  );
}
