import { type Field, isSet } from "../../lib/mappingDraft.ts";
import { TextInput } from "../../ui/Field.tsx";
import { Select } from "../../ui/Select.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Mapping.module.css";
import { Transforms } from "./Transforms.tsx";

type Literal = Field["constant"];

/** A literal as text for its field: lists and other values as JSON. */
function textOf(value: Literal): string {
  if (!isSet(value)) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Everything of a field beside its path: where it reads, fallbacks, transforms, what a wrong value does. */
export function FieldMore(props: {
  field: Field;
  name: string;
  isReadOnly: boolean;
  onEdit: (field: Field) => void;
}) {
  const { field, onEdit, isReadOnly } = props;
  const words = useWords().mapping.fields;
  const { default: _, constant: __, ...rest } = field;
  const onInvalid = field.on_invalid ?? (field.required ? "error" : "warn");
  return (
    <div className={styles.more}>
      <Select
        required
        label={words.from}
        name={`${props.name}.from`}
        value={field.from ?? "body"}
        options={[
          { id: "body", label: words.body },
          { id: "query", label: words.query },
        ]}
        disabled={isReadOnly}
        onChange={(from) => onEdit({ ...field, from: from === "query" ? "query" : "body" })}
      />
      <TextInput
        label={words.default}
        name={`${props.name}.default`}
        value={textOf(field.default)}
        readOnly={isReadOnly}
        onChange={(text) =>
          onEdit(
            text === "" ? { ...rest, ...kept(field, "constant") } : { ...field, default: text },
          )
        }
      />
      <TextInput
        label={words.constant}
        hint={words.constantHint}
        name={`${props.name}.constant`}
        value={textOf(field.constant)}
        readOnly={isReadOnly}
        onChange={(text) =>
          onEdit(
            text === "" ? { ...rest, ...kept(field, "default") } : { ...field, constant: text },
          )
        }
      />
      <Select
        required
        label={words.invalid}
        name={`${props.name}.on_invalid`}
        value={onInvalid}
        options={[
          { id: "warn", label: words.invalidWarn },
          { id: "error", label: words.invalidError },
        ]}
        disabled={isReadOnly}
        onChange={(id) => onEdit({ ...field, on_invalid: id === "error" ? "error" : "warn" })}
      />
      {!isReadOnly && (
        <Transforms
          value={field.transforms ?? []}
          onChange={(transforms) => onEdit({ ...field, transforms })}
        />
      )}
    </div>
  );
}

function kept(field: Field, name: "constant" | "default"): Pick<Field, typeof name> {
  const value = field[name];
  return value === undefined ? {} : { [name]: value };
}
