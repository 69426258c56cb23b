import type { Transform } from "../../lib/mappingDraft.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { TextInput } from "../../ui/Field.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { Select } from "../../ui/Select.tsx";
import { useWords, type Words } from "../../words/index.ts";
import { LinesInput } from "./LinesInput.tsx";
import styles from "./Mapping.module.css";

type TransformType = Transform["type"];

const TYPES: readonly TransformType[] = [
  "trim",
  "lower",
  "upper",
  "digits",
  "phone",
  "number",
  "date",
  "split",
  "join",
  "map",
  "option",
];
const NUMBERS = ["auto", "plain", "br"] as const;
const DATES = ["auto", "iso", "dmy", "mdy", "epoch", "epoch_ms"] as const;
const MOST = 10;

function fresh(type: TransformType): Transform {
  if (type === "split") return { type, separator: "," };
  if (type === "join") return { type, separator: ", " };
  if (type === "map") return { type, values: {} };
  if (type === "option") return { type, options: "" };
  if (type === "number") return { type, format: "auto" };
  if (type === "date") return { type, input: "auto" };
  return { type };
}

function nameOf(transform: Transform, words: Words["mapping"]["transforms"]): string {
  const name = words.names[transform.type];
  if (transform.type === "number") return `${name} (${words.number[transform.format ?? "auto"]})`;
  if (transform.type === "date") return `${name} (${words.date[transform.input ?? "auto"]})`;
  return name;
}

/** A transform in words, with its format. */
export function useTransformName(): (transform: Transform) => string {
  const { mapping } = useWords();
  return (transform) => nameOf(transform, mapping.transforms);
}

/** The transforms of a field, in the order in which they run. */
export function Transforms(props: {
  value: readonly Transform[];
  onChange: (transforms: Transform[]) => void;
}) {
  const { mapping } = useWords();
  const words = mapping.transforms;
  const { value } = props;
  return (
    <fieldset className={styles.transforms}>
      <legend className={styles.label}>{words.title}</legend>
      <ol>
        {value.map((transform, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a transform has no other name than its place.
          <li key={at} className={styles.transform}>
            <Settings
              transform={transform}
              onChange={(changed) => props.onChange(value.toSpliced(at, 1, changed))}
            />
            <IconButton
              small
              icon="cross"
              label={words.remove(words.names[transform.type])}
              onPress={() => props.onChange(value.toSpliced(at, 1))}
            />
          </li>
        ))}
      </ol>
      {value.length < MOST && (
        <Menu
          label={words.add}
          actions={TYPES.map((type) => ({
            id: type,
            label: words.names[type],
            onAction: () => props.onChange([...value, fresh(type)]),
          }))}
        >
          <Button small icon="plus">
            {words.add}
          </Button>
        </Menu>
      )}
    </fieldset>
  );
}

function Settings(props: { transform: Transform; onChange: (transform: Transform) => void }) {
  const { transform, onChange } = props;
  const words = useWords().mapping.transforms;
  const name = <span className={styles.transformName}>{words.names[transform.type]}</span>;
  switch (transform.type) {
    case "number":
      return (
        <Select
          required
          label={words.names.number}
          name="format"
          value={transform.format ?? "auto"}
          options={NUMBERS.map((id) => ({ id, label: words.number[id] }))}
          onChange={(id) => {
            const format = NUMBERS.find((one) => one === id);
            if (format) onChange({ ...transform, format });
          }}
        />
      );
    case "date":
      return (
        <Select
          required
          label={words.names.date}
          name="input"
          value={transform.input ?? "auto"}
          options={DATES.map((id) => ({ id, label: words.date[id] }))}
          onChange={(id) => {
            const input = DATES.find((one) => one === id);
            if (input) onChange({ ...transform, input });
          }}
        />
      );
    case "split":
    case "join":
      return (
        <TextInput
          required
          label={`${words.names[transform.type]}: ${words.separator}`}
          name="separator"
          maxLength={20}
          value={transform.separator ?? ""}
          onChange={(separator) => onChange({ ...transform, separator })}
        />
      );
    case "option":
      return (
        <TextInput
          required
          code
          label={`${words.names.option}: ${words.options}`}
          name="options"
          placeholder="$."
          value={transform.options}
          onChange={(options) => onChange({ ...transform, options })}
        />
      );
    case "map":
      return <Replacements transform={transform} onChange={onChange} />;
    default:
      return name;
  }
}

type MapTransform = Extract<Transform, { type: "map" }>;

function linesOf(values: MapTransform["values"]): string {
  return Object.entries(values)
    .map(([from, to]) => `${from} = ${to}`)
    .join("\n");
}

function valuesOf(lines: string): MapTransform["values"] {
  const pairs = lines.split("\n").flatMap((line) => {
    const at = line.indexOf("=");
    return at < 0 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()] as const];
  });
  return Object.fromEntries(pairs);
}

function Replacements(props: {
  transform: MapTransform;
  onChange: (transform: Transform) => void;
}) {
  const { transform, onChange } = props;
  const words = useWords().mapping.transforms;
  return (
    <div className={styles.replacements}>
      <LinesInput
        label={words.values}
        value={linesOf(transform.values)}
        onChange={(lines) => onChange({ ...transform, values: valuesOf(lines) })}
      />
      <TextInput
        label={words.otherwise}
        name="otherwise"
        value={transform.otherwise ?? ""}
        onChange={(text) => onChange({ ...transform, otherwise: text === "" ? null : text })}
      />
    </div>
  );
}
