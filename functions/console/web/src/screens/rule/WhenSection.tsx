import { useState } from "react";
import { type Schemas, useEventTypes, useOrigins } from "../../api/configuration.ts";
import { Button } from "../../ui/Button.tsx";
import { Checks } from "../../ui/Checks.tsx";
import { TextInput } from "../../ui/Field.tsx";
import { Problem } from "../../ui/Problem.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { useLanguage } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Rule.module.css";
import type { SectionProps } from "./RuleEditor.tsx";
import { Section } from "./Section.tsx";

type Entry = Schemas["EventTypeEntry"];

const FIRST = [
  "deal.created",
  "deal.entered_stage",
  "deal.stage_changed",
  "deal.status_changed",
] as const;
const STATUSES = ["open", "won", "lost"] as const;
const TYPE = /^[a-z0-9_]{1,20}(\.[a-z0-9_]{1,20}){0,2}$/;

function grouped(types: readonly Entry[]): [string, Entry[]][] {
  const groups = new Map<string, Entry[]>();
  for (const type of types) groups.set(type.entity, [...(groups.get(type.entity) ?? []), type]);
  return [...groups];
}

/** The triggers, in the words of S3.10 first, and the origins, stages and statuses that narrow them. */
export function WhenSection({ draft, set, error }: SectionProps) {
  const { rules, integrations } = useWords();
  const w = rules.when;
  const language = useLanguage();
  const query = useEventTypes();
  const types = query.data ?? [];
  const origins = useOrigins().data ?? [];
  const known = new Set(types.map((one) => one.type));
  const own = draft.types.filter((type) => !known.has(type));
  const first = types.filter((one) => FIRST.some((type) => type === one.type));
  const others = types.filter((one) => !first.includes(one));
  const isDeal = draft.types.some((type) => type.startsWith("deal."));
  const wantsStage = draft.types.some(
    (type) => type === "deal.entered_stage" || type === "deal.stage_changed",
  );
  const wanted = origins.filter(
    (one) => draft.origins.length === 0 || draft.origins.includes(one.id),
  );

  const triggers: Readonly<Record<string, string>> = w.triggers;
  const entities: Readonly<Record<string, string>> = w.entities;
  const labelOf = (one: Entry) => triggers[one.type] ?? one.label[language];
  const entityOf = (entity: string) => entities[entity] ?? entity;
  /** The chosen types of a group, with those of other groups kept. */
  const choose = (group: readonly Entry[]) => (chosen: string[]) => {
    const ids = group.map((one) => one.type);
    set({ types: [...draft.types.filter((type) => !ids.includes(type)), ...chosen] });
  };
  const chosenOf = (group: readonly Entry[]) =>
    draft.types.filter((type) => group.some((one) => one.type === type));
  const optionsOf = (group: readonly Entry[]) =>
    group.map((one) => ({ id: one.type, label: labelOf(one) }));
  const hasOther = others.some((one) => draft.types.includes(one.type)) || own.length > 0;
  return (
    <Section number={1} title={w.title} hint={w.hint}>
      {error("filter.types") && <p className={styles.error}>{error("filter.types")}</p>}
      {query.isPending && <Skeleton lines={4} />}
      {query.isError && !query.data && (
        <Problem error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.data && (
        <Checks
          label={w.choose}
          options={optionsOf(first)}
          value={chosenOf(first)}
          onChange={choose(first)}
        />
      )}
      <details className={styles.others} open={hasOther || undefined}>
        <summary>{w.others}</summary>
        {grouped(others).map(([entity, group]) => (
          <Checks
            key={entity}
            label={entityOf(entity)}
            options={optionsOf(group)}
            value={chosenOf(group)}
            onChange={choose(group)}
          />
        ))}
        <OwnTypes
          types={own}
          onChange={(now) =>
            set({ types: [...draft.types.filter((type) => known.has(type)), ...now] })
          }
        />
      </details>
      {isDeal && origins.length > 0 && (
        <Checks
          label={w.origins}
          hint={w.any}
          options={origins.map(({ id, name }) => ({ id, label: name }))}
          value={draft.origins}
          onChange={(chosen) => set({ origins: chosen })}
        />
      )}
      {wantsStage &&
        wanted.map((origin) => {
          const ids = origin.stages.map((stage) => stage.id);
          return (
            <Checks
              key={origin.id}
              label={`${w.stages}: ${origin.name}`}
              hint={w.any}
              options={origin.stages.map(({ id, name }) => ({ id, label: name }))}
              value={draft.stages.filter((id) => ids.includes(id))}
              onChange={(chosen) =>
                set({ stages: [...draft.stages.filter((id) => !ids.includes(id)), ...chosen] })
              }
            />
          );
        })}
      {isDeal && (
        <Checks
          label={w.statuses}
          hint={w.any}
          options={STATUSES.map((id) => ({ id, label: integrations.additional[id] }))}
          value={draft.statuses}
          onChange={(chosen) => set({ statuses: STATUSES.filter((id) => chosen.includes(id)) })}
        />
      )}
    </Section>
  );
}

function OwnTypes(props: { types: readonly string[]; onChange: (types: string[]) => void }) {
  const { rules } = useWords();
  const w = rules.when;
  const [typed, setTyped] = useState("");
  const isType = TYPE.test(typed.trim());
  return (
    <div className={styles.own}>
      {props.types.length > 0 && (
        <Checks
          label={w.own}
          options={props.types.map((type) => ({ id: type, label: type }))}
          value={props.types}
          onChange={props.onChange}
        />
      )}
      <div className={styles.line}>
        <TextInput
          label={w.own}
          hint={w.ownHint}
          name="own-type"
          code
          maxLength={62}
          value={typed}
          onChange={setTyped}
        />
        <Button
          reason={isType ? undefined : rules.types.typeHint}
          onPress={() => {
            if (!props.types.includes(typed.trim())) props.onChange([...props.types, typed.trim()]);
            setTyped("");
          }}
        >
          {w.add}
        </Button>
      </div>
    </div>
  );
}
