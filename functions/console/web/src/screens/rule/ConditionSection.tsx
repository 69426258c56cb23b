import { useEventTypes } from "../../api/configuration.ts";
import {
  type Comparison,
  type Condition,
  DEEPEST,
  holds,
  MOST_COMPARISONS,
  OPS,
  sizeOf,
  typedValue,
  valueText,
} from "../../lib/condition.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { TextInput } from "../../ui/Field.tsx";
import { Select } from "../../ui/Select.tsx";
import { Mark } from "../../ui/StatusMark.tsx";
import { useLanguage } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Rule.module.css";
import type { SectionProps } from "./RuleEditor.tsx";
import { Section } from "./Section.tsx";

const FRESH: Condition = { is: { path: "", op: "eq", value: "" } };

/** The condition under which an event is sent, tried on the example of the first trigger. */
export function ConditionSection({ draft, set, error }: SectionProps) {
  const { rules } = useWords();
  const w = rules.condition;
  const types = useEventTypes().data ?? [];
  const example = types.find((one) => one.type === draft.types[0])?.example;
  const { condition } = draft;
  const size = condition === null ? { count: 0, depth: 0 } : sizeOf(condition);
  const isFull = size.count >= MOST_COMPARISONS;
  return (
    <Section number={2} title={w.title} hint={w.hint}>
      {error("filter.condition") && <p className={styles.error}>{error("filter.condition")}</p>}
      {condition !== null && (
        <Group
          type={draft.types[0]}
          condition={condition.is === undefined ? condition : { all: [condition] }}
          depth={1}
          isFull={isFull}
          onChange={(changed) => set({ condition: changed })}
          onRemove={() => set({ condition: null })}
        />
      )}
      {condition === null && (
        <div>
          <Button icon="plus" onPress={() => set({ condition: { all: [FRESH] } })}>
            {w.add}
          </Button>
        </div>
      )}
      {condition !== null && example && (
        <p role="status">
          {holds(condition, example.data) ? (
            <Mark tone="ok" icon="check">
              {w.holds}
            </Mark>
          ) : (
            <Mark tone="quiet" icon="ban">
              {w.holdsNot}
            </Mark>
          )}
        </p>
      )}
    </Section>
  );
}

function Group(props: {
  type: string | undefined;
  condition: Condition;
  depth: number;
  isFull: boolean;
  onChange: (condition: Condition) => void;
  onRemove: () => void;
}) {
  const { condition, depth, isFull } = props;
  const { rules } = useWords();
  const w = rules.condition;
  const isAny = condition.any !== undefined;
  const list = condition.any ?? condition.all ?? [];
  const put = (changed: Condition[]) => {
    if (changed.length === 0) props.onRemove();
    else props.onChange(isAny ? { any: changed } : { all: changed });
  };
  const full = isFull ? w.full : undefined;
  return (
    <fieldset className={styles.group} aria-label={w.group}>
      <div className={styles.line}>
        <Select
          required
          label={w.group}
          name="group"
          value={isAny ? "any" : "all"}
          options={[
            { id: "all", label: w.all },
            { id: "any", label: w.any },
          ]}
          onChange={(id) => props.onChange(id === "any" ? { any: list } : { all: list })}
        />
        <IconButton icon="trash" label={w.removeGroup} onPress={props.onRemove} />
      </div>
      {list.map((one, at) => {
        const change = (changed: Condition) => put(list.toSpliced(at, 1, changed));
        const remove = () => put(list.toSpliced(at, 1));
        // A condition has no other name than its place.
        const key = `${depth}.${at}`;
        return one.is === undefined ? (
          <Group
            key={key}
            {...props}
            condition={one}
            depth={depth + 1}
            onChange={change}
            onRemove={remove}
          />
        ) : (
          <Line key={key} type={props.type} is={one.is} onChange={change} onRemove={remove} />
        );
      })}
      <div className={styles.line}>
        <Button small icon="plus" reason={full} onPress={() => put([...list, FRESH])}>
          {w.add}
        </Button>
        {depth < DEEPEST - 1 && (
          <Button small icon="plus" reason={full} onPress={() => put([...list, { any: [FRESH] }])}>
            {w.addGroup}
          </Button>
        )}
      </div>
    </fieldset>
  );
}

function Line(props: {
  type: string | undefined;
  is: Comparison;
  onChange: (condition: Condition) => void;
  onRemove: () => void;
}) {
  const { is, onChange } = props;
  const { rules } = useWords();
  const w = rules.condition;
  const fields = useFields(props.type);
  const change = (part: Partial<Comparison>) => {
    const { path, op, value } = { ...is, ...part };
    onChange({ is: op === "exists" ? { path, op } : { path, op, value } });
  };
  return (
    <div className={styles.comparison}>
      <TextInput
        required
        code
        label={w.path}
        name="path"
        maxLength={300}
        value={is.path}
        placeholder={fields[0]?.path ?? ""}
        hint={fields.find((field) => field.path === is.path)?.label}
        onChange={(path) => change({ path })}
      />
      <Select
        required
        label={w.op}
        name="op"
        value={is.op}
        options={OPS.map((id) => ({ id, label: w.ops[id] }))}
        onChange={(id) => {
          const op = OPS.find((one) => one === id);
          if (op) change({ op, value: typedValue(op, valueText(is.value)) });
        }}
      />
      {is.op === "exists" ? (
        <span />
      ) : (
        <TypedValue key={is.op} is={is} onChange={(value) => change({ value })} />
      )}
      <IconButton icon="trash" label={w.remove} onPress={props.onRemove} />
      {fields.length > 0 && is.path === "" && (
        <div className={styles.suggested}>
          {fields.map((field) => (
            <Button
              key={field.path}
              small
              kind="quiet"
              onPress={() => change({ path: field.path })}
            >
              {field.label}
            </Button>
          ))}
        </div>
      )}
    </div>
  );
}

/** A value as it is typed: `10.` on the way to `10.5` stays as it is. */
function TypedValue(props: { is: Comparison; onChange: (value: unknown) => void }) {
  const { rules } = useWords();
  const w = rules.condition;
  const { is } = props;
  return (
    <TextInput
      required
      label={is.op === "in" ? w.list : w.value}
      name="value"
      value={valueText(is.value)}
      onChange={(text) => props.onChange(is.op === "in" ? text : typedValue(is.op, text))}
      onBlur={() => props.onChange(typedValue(is.op, valueText(is.value)))}
    />
  );
}

/** The fields of an event type's data, with the paths that conditions use. */
function useFields(type: string | undefined) {
  const language = useLanguage();
  const entry = (useEventTypes().data ?? []).find((one) => one.type === type);
  return (entry?.groups ?? []).flatMap((group) =>
    group.fields
      .filter((field) => field.path.startsWith("data."))
      .map((field) => ({
        path: field.path.slice("data.".length),
        label: `${group.label[language]}: ${field.label[language]}`,
      })),
  );
}
