import { MOST_FIELDS } from "../../lib/mappingDraft.ts";
import { Button } from "../../ui/Button.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";
import { FieldRow, type FieldRowProps } from "./FieldRow.tsx";
import { Keys } from "./Keys.tsx";
import styles from "./Mapping.module.css";
import { useTargetLabel, useTargets } from "./targets.ts";
import type { MappingControl } from "./useMappingDraft.ts";

/** The fields of the mapping with what each finds, and the business keys. */
export function FieldsPane(props: {
  control: MappingControl;
  isReadOnly: boolean;
  picking: string | undefined;
  stepOf: (id: string) => FieldRowProps["step"];
  problemOf: (id: string) => FieldRowProps["problem"];
  onPick: (id: string | undefined) => void;
  onDrop: (id: string, node: number) => void;
}) {
  const { control, isReadOnly } = props;
  const { draft, change } = control;
  const { mapping } = useWords();
  const words = mapping.fields;
  const labelOf = useTargetLabel();

  function remove(id: string) {
    const at = draft.fields.findIndex((row) => row.id === id);
    const row = draft.fields[at];
    if (row === undefined) return;
    change({ kind: "remove", id });
    // The button that was pressed goes with its row: the focus goes to the row beside it.
    const beside = draft.fields[at + 1] ?? draft.fields[at - 1];
    requestAnimationFrame(() => {
      document.querySelector<HTMLElement>(`#field-${beside?.id} input`)?.focus();
    });
    const undo = () => change({ kind: "insert", at, row });
    say({
      text: words.removed(labelOf(row.field.target)),
      action: { label: words.undo, run: undo },
    });
  }
  return (
    <section className={styles.pane} aria-labelledby="fields-title">
      <h2 id="fields-title">{words.title}</h2>
      {draft.fields.length === 0 && <p className={styles.hint}>{words.none}</p>}
      <ol className={styles.fields}>
        {draft.fields.map((row, at) => (
          <FieldRow
            key={row.id}
            row={row}
            step={props.stepOf(row.id)}
            problem={props.problemOf(row.id)}
            isPicking={props.picking === row.id}
            isReadOnly={isReadOnly}
            onEdit={(field) => change({ kind: "edit", id: row.id, field })}
            onPick={() => props.onPick(props.picking === row.id ? undefined : row.id)}
            onDrop={(node) => props.onDrop(row.id, node)}
            onRemove={() => remove(row.id)}
            onMove={(by) => change({ kind: "move", id: row.id, to: at + by })}
          />
        ))}
      </ol>
      {!isReadOnly && <AddField control={control} />}
      <Keys
        keys={draft.keys}
        isReadOnly={isReadOnly}
        onChange={(keys) => change({ kind: "keys", keys })}
      />
    </section>
  );
}

function AddField({ control }: { control: MappingControl }) {
  const words = useWords().mapping.fields;
  const labelOf = useTargetLabel();
  const targets = useTargets();
  const isFull = control.draft.fields.length >= MOST_FIELDS;
  if (isFull) {
    return (
      <Button icon="plus" reason={words.full(MOST_FIELDS)}>
        {words.add}
      </Button>
    );
  }
  return (
    <div>
      <Menu
        label={words.addFor}
        actions={targets.map((target) => ({
          id: target.id,
          label: labelOf(target.id),
          onAction: () => control.change({ kind: "add", field: { target: target.id, path: "" } }),
        }))}
      >
        <Button icon="plus">{words.add}</Button>
      </Menu>
    </div>
  );
}
