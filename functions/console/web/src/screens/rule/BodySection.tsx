import { type Schemas, useEventTypes } from "../../api/configuration.ts";
import { fieldOf } from "../../lib/ruleBody.ts";
import { IconButton } from "../../ui/Button.tsx";
import { Checks } from "../../ui/Checks.tsx";
import { TextInput } from "../../ui/Field.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { Radios } from "../../ui/Radios.tsx";
import { useLanguage } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Rule.module.css";
import type { SectionProps } from "./RuleEditor.tsx";
import { Section } from "./Section.tsx";

type Group = Schemas["EventTypeEntry"]["groups"][number];

/** The groups of fields of all triggers, each field once. */
function useGroups(types: readonly string[]): Group[] {
  const entries = useEventTypes().data ?? [];
  const groups = new Map<string, Group>();
  for (const entry of entries.filter((one) => types.includes(one.type))) {
    for (const group of entry.groups) {
      const before = groups.get(group.key)?.fields ?? [];
      const more = group.fields.filter((field) => !before.some((one) => one.path === field.path));
      groups.set(group.key, { ...group, fields: [...before, ...more] });
    }
  }
  return [...groups.values()];
}

/** The whole entity, or chosen fields under names of one's own (S3.13, D6). */
export function BodySection({ draft, set, error }: SectionProps) {
  const { rules } = useWords();
  const w = rules.content;
  const language = useLanguage();
  const groups = useGroups(draft.types);
  const fields = groups.flatMap((group) =>
    group.fields.map((field) => ({
      path: field.path,
      label: `${group.label[language]}: ${field.label[language]}`,
    })),
  );
  const labelOf = (path: string) => fields.find((field) => field.path === path)?.label ?? path;
  const choose = (group: Group) => (chosen: string[]) => {
    const paths = group.fields.map((field) => field.path);
    const kept = draft.mapped.filter(
      (one) => !paths.includes(one.from) || chosen.includes(one.from),
    );
    const fresh = chosen.filter((path) => !kept.some((one) => one.from === path));
    set({ mapped: [...kept, ...fresh.map(fieldOf)] });
  };
  return (
    <Section number={draft.target === "integration" ? 4 : 5} title={w.title}>
      <Radios
        titled
        label={w.title}
        name="body"
        value={draft.isMapped ? "mapped" : "standard"}
        onChange={(id) => set({ isMapped: id === "mapped" })}
        options={[
          { id: "standard", label: w.standard, about: w.standardAbout },
          { id: "mapped", label: w.mapped, about: w.mappedAbout },
        ]}
        error={error("body")}
      />
      {draft.isMapped && (
        <>
          {groups.map((group) => (
            <Checks
              key={group.key}
              label={group.key === "deal" ? w.settings : group.label[language]}
              options={group.fields.map((field) => ({
                id: field.path,
                label: field.label[language],
              }))}
              value={draft.mapped
                .map((one) => one.from)
                .filter((from) => group.fields.some((field) => field.path === from))}
              onChange={choose(group)}
            />
          ))}
          {draft.mapped.length === 0 && <Banner tone="plain">{w.nothing}</Banner>}
          {draft.mapped.length > 0 && (
            <Chosen
              mapped={draft.mapped}
              labelOf={labelOf}
              onChange={(mapped) => set({ mapped })}
              error={error}
            />
          )}
        </>
      )}
    </Section>
  );
}

type Mapped = Schemas["MappedField"];

function Chosen(props: {
  mapped: readonly Mapped[];
  labelOf: (path: string) => string;
  onChange: (mapped: Mapped[]) => void;
  error: (path: string) => string | undefined;
}) {
  const { rules } = useWords();
  const w = rules.content;
  const { mapped, onChange } = props;
  const move = (at: number, by: 1 | -1) => {
    const row = mapped[at];
    if (row === undefined || mapped[at + by] === undefined) return;
    onChange(mapped.toSpliced(at, 1).toSpliced(at + by, 0, row));
  };
  return (
    <div className={styles.chosen}>
      <h3>{w.chosen}</h3>
      <p className={styles.hint}>{w.hint}</p>
      <ol>
        {mapped.map((field, at) => (
          <li key={field.from} className={styles.mapped}>
            <TextInput
              required
              code
              label={w.as(props.labelOf(field.from))}
              name={`body.mapped[${at}].to`}
              maxLength={300}
              value={field.to}
              onChange={(to) => onChange(mapped.toSpliced(at, 1, { ...field, to }))}
              error={props.error(`body.mapped[${at}]`)}
            />
            <span className={styles.tools}>
              <IconButton small icon="up" label={w.up} onPress={() => move(at, -1)} />
              <IconButton small icon="down" label={w.down} onPress={() => move(at, 1)} />
              <IconButton
                small
                icon="trash"
                label={w.remove}
                onPress={() => onChange(mapped.toSpliced(at, 1))}
              />
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}
