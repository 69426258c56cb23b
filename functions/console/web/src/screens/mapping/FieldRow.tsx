import { type DragEvent, useState } from "react";
import type { Schemas } from "../../api/configuration.ts";
import { plainText } from "../../lib/foreign.ts";
import { type DraftField, type Field, isSet } from "../../lib/mappingDraft.ts";
import { IconButton } from "../../ui/Button.tsx";
import { cx } from "../../ui/cx.ts";
import { TextInput } from "../../ui/Field.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { DRAGGED_NODE } from "../../ui/Json/Tree.tsx";
import { Switch } from "../../ui/Switch.tsx";
import { useWords } from "../../words/index.ts";
import { shown } from "./Entity.tsx";
import { FieldMore } from "./FieldMore.tsx";
import styles from "./Mapping.module.css";
import { useTransformName } from "./Transforms.tsx";
import { useTargetLabel } from "./targets.ts";

export type Step = Schemas["Preview"]["trace"][number];

export interface FieldRowProps {
  row: DraftField;
  /** The preview's finding for the field; `undefined` while nothing is known. */
  step: Step | undefined;
  /** The sentence of a problem or a warning, or of a refusal when it was saved. */
  problem: { readonly text: string; readonly isError: boolean } | undefined;
  isPicking: boolean;
  isReadOnly: boolean;
  onEdit: (field: Field) => void;
  onPick: () => void;
  /** A row of the sample was dropped: the number of its node. */
  onDrop: (node: number) => void;
  onRemove: () => void;
  onMove: (by: 1 | -1) => void;
}

/** A field of the mapping: what it fills, from where, and what it finds in the sample. */
export function FieldRow(props: FieldRowProps) {
  const { row, onEdit } = props;
  const { field } = row;
  const { mapping } = useWords();
  const words = mapping.fields;
  const label = useTargetLabel()(field.target);
  const [open, setOpen] = useState(false);
  const [over, setOver] = useState(false);
  const isConstant = isSet(field.constant);

  function onDrop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    const node = Number(event.dataTransfer.getData(DRAGGED_NODE));
    if (Number.isInteger(node)) props.onDrop(node);
  }
  const dragging = (event: DragEvent) => {
    if (props.isReadOnly || !event.dataTransfer.types.includes(DRAGGED_NODE)) return;
    event.preventDefault();
    setOver(true);
  };
  return (
    <li
      id={`field-${row.id}`}
      className={cx(
        styles.field,
        over && styles.over,
        props.isPicking && styles.picking,
        props.problem && (props.problem.isError ? styles.bad : styles.warned),
      )}
      onDragOver={dragging}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <div className={styles.fieldHead}>
        <h3>{label}</h3>
        <span className={styles.fieldTools}>
          <IconButton small icon="up" label={words.up} onPress={() => props.onMove(-1)} />
          <IconButton small icon="down" label={words.down} onPress={() => props.onMove(1)} />
          <IconButton
            small
            icon="gear"
            label={words.more}
            pressed={open}
            onPress={() => setOpen(!open)}
          />
          {!props.isReadOnly && (
            <IconButton small icon="trash" label={words.remove} onPress={props.onRemove} />
          )}
        </span>
      </div>
      {isConstant ? (
        <p className={styles.constant}>
          <span>{words.constantShort}</span> <code>{plainText(shown(field.constant))}</code>
        </p>
      ) : field.template ? (
        <p className={styles.constant}>
          <code>{field.template}</code>
        </p>
      ) : (
        <div className={styles.pathLine}>
          <TextInput
            required
            code
            label={words.pathOf(label)}
            name={`field-${row.id}`}
            value={field.path ?? ""}
            placeholder="$."
            maxLength={512}
            readOnly={props.isReadOnly}
            onChange={(path) => onEdit(withOnePath(field, path))}
          />
          {!props.isReadOnly && (
            <IconButton
              icon="search"
              label={props.isPicking ? words.picking : words.pick}
              pressed={props.isPicking}
              onPress={props.onPick}
            />
          )}
        </div>
      )}
      {field.paths !== undefined && field.paths.length > 0 && (
        <p className={styles.hint}>{words.alternatives(field.paths.join(", "))}</p>
      )}
      <Found {...props} />
      {open && (
        <FieldMore field={field} name={row.id} isReadOnly={props.isReadOnly} onEdit={onEdit} />
      )}
    </li>
  );
}

/** A path that is typed takes the place of the alternatives. */
function withOnePath(field: Field, path: string): Field {
  const { paths, ...rest } = field;
  return path === "" && paths !== undefined ? { ...field, path } : { ...rest, path };
}

/** The value of the field in the sample and after its transforms, with its requirement. */
function Found(props: FieldRowProps) {
  const { step } = props;
  const { field } = props.row;
  const { mapping, common } = useWords();
  const words = mapping.fields;
  const name = useTransformName();
  const transforms = field.transforms ?? [];
  const before = step?.matched.map(shown).join(" · ") ?? "";
  const after = step === undefined ? "" : shown(step.result);
  const isSame = before === after || (step?.matched.length === 0 && step.result === null);
  return (
    <>
      <div className={styles.foundLine}>
        <p className={styles.found}>
          {step !== undefined && (
            <>
              <bdi title={words.found}>
                {step.matched.length === 0 && !isSet(field.constant)
                  ? words.nothing
                  : plainText(before, 60)}
              </bdi>
              {!isSame && (
                <>
                  <span aria-hidden="true"> → </span>
                  <bdi className={styles.after} title={words.becomes}>
                    {plainText(after, 60)}
                  </bdi>
                </>
              )}
            </>
          )}
        </p>
        <Switch
          selected={field.required ?? false}
          onChange={(required) => props.onEdit({ ...field, required })}
          reason={props.isReadOnly ? common.needs.admin : undefined}
        >
          {words.required}
        </Switch>
      </div>
      {transforms.length > 0 && <p className={styles.hint}>{transforms.map(name).join(" → ")}</p>}
      {props.problem && (
        <p className={props.problem.isError ? styles.error : styles.warning}>
          <Foreign text={props.problem.text} />
        </p>
      )}
    </>
  );
}
