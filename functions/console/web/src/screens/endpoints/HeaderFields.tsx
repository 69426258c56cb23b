import { useRef } from "react";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Fields, TextInput } from "../../ui/Field.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Endpoints.module.css";
import { type HeaderRow, MOST_HEADERS, placeOf } from "./extras.ts";

/** Headers that every request carries besides those of Gancho. */
export function HeaderFields(props: {
  rows: readonly HeaderRow[];
  onChange: (rows: readonly HeaderRow[]) => void;
  of: (path: string) => string | undefined;
}) {
  const { rows, onChange, of } = props;
  const texts = useWords().endpoints.form;
  const add = useRef<HTMLButtonElement>(null);
  const added = useRef(false);
  const set = (at: number, part: Partial<HeaderRow>) =>
    onChange(rows.map((row, i) => (i === at ? { ...row, ...part } : row)));
  function remove(at: number) {
    onChange(rows.toSpliced(at, 1));
    // Its own button is gone with the row.
    add.current?.focus();
  }
  return (
    <Fields legend={texts.headers} hint={texts.headersHint}>
      {rows.map((row, at) => {
        const path = `headers[${placeOf(rows, at)}]`;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a header has no other name than its place.
          <div key={at} className={styles.headerRow}>
            <TextInput
              required
              code
              label={texts.headerName(at + 1)}
              name={`${path}.name`}
              value={row.name}
              maxLength={100}
              autoFocus={added.current && at === rows.length - 1}
              onChange={(name) => set(at, { name })}
              error={of(`${path}.name`)}
            />
            <TextInput
              required
              code
              label={texts.headerValue(at + 1)}
              name={`${path}.value`}
              value={row.value}
              maxLength={2000}
              onChange={(value) => set(at, { value })}
              error={of(`${path}.value`)}
            />
            <IconButton
              icon="trash"
              label={texts.headerRemove(at + 1)}
              onPress={() => remove(at)}
            />
          </div>
        );
      })}
      <div>
        <Button
          ref={add}
          icon="plus"
          reason={rows.length >= MOST_HEADERS ? texts.headersFull(MOST_HEADERS) : undefined}
          onPress={() => {
            added.current = true;
            onChange([...rows, { name: "", value: "" }]);
          }}
        >
          {texts.headerAdd}
        </Button>
      </div>
    </Fields>
  );
}
