import { useEffect, useRef, useState } from "react";
import { SearchField as AriaSearch, Button, Input } from "react-aria-components";
import { useKey } from "../lib/useKey.ts";
import { useWords } from "../words/index.ts";
import { cx } from "./cx.ts";
import { Icon } from "./Icon.tsx";
import styles from "./Search.module.css";

/** Searches on Enter, never while typing; × clears and searches. `value` is what is searched for now. */
export function Search(props: {
  label: string;
  value: string;
  onSearch: (text: string) => void;
  maxLength?: number;
}) {
  const { parts } = useWords();
  const [text, setText] = useState(props.value);
  useEffect(() => setText(props.value), [props.value]);
  const input = useRef<HTMLInputElement>(null);
  useKey("search", () => input.current?.focus());
  const pending = text.trim() !== props.value;
  return (
    <AriaSearch
      aria-label={props.label}
      value={text}
      onChange={setText}
      onSubmit={(value) => props.onSearch(value.trim())}
      onClear={() => props.onSearch("")}
      maxLength={props.maxLength ?? 256}
      className={cx(styles.search)}
    >
      <Icon name="search" />
      <Input ref={input} placeholder={props.label} className={cx(styles.input)} />
      {pending && text !== "" && <kbd className={styles.hint}>{parts.search.hint}</kbd>}
      {text !== "" && (
        <Button className={cx(styles.clear)} aria-label={parts.search.clear}>
          <Icon name="cross" size={14} />
        </Button>
      )}
    </AriaSearch>
  );
}
