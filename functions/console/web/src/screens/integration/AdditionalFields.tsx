import { type Schemas, useOrigins } from "../../api/configuration.ts";
import { TextInput } from "../../ui/Field.tsx";
import type { FormProblem } from "../../ui/Form.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { Radios } from "../../ui/Radios.tsx";
import { Select } from "../../ui/Select.tsx";
import { useWords } from "../../words/index.ts";
import type { Integration, IntegrationPatch } from "./useChange.ts";

export type Additional = Pick<
  Integration,
  "action" | "tag" | "stage" | "stage_on_update" | "status"
>;

export function additionalOf(integration: Integration): Additional {
  const { action, tag, stage, stage_on_update, status } = integration;
  return { action, tag, stage, stage_on_update, status };
}

export function additionalPatch(values: Additional): IntegrationPatch {
  return { ...values, tag: values.tag?.trim() || null };
}

const ACTIONS = [
  "create_or_update_deal",
  "create_deal",
  "update_deal",
  "create_or_update_contact",
  "create_contact",
  "update_contact",
] as const;

const FIRST = "first";
const NONE = "none";
const STATUSES = ["open", "won", "lost"] as const;

/** The action of an integration, with what each means in words (S3.3 to S3.7). */
export function ActionRadios(props: {
  value: Schemas["Action"];
  onChange: (action: Schemas["Action"]) => void;
}) {
  const { integrations: words } = useWords();
  return (
    <>
      <Radios
        label={words.action}
        name="action"
        value={props.value}
        onChange={props.onChange}
        options={ACTIONS.map((id) => ({
          id,
          label: words.actions[id],
          about: words.actionsAbout[id],
        }))}
      />
      <Banner tone="plain">{words.matching}</Banner>
    </>
  );
}

export function AdditionalFields(props: {
  origin: string;
  values: Additional;
  onChange: (part: Partial<Additional>) => void;
  problem: FormProblem;
  /** Without the action, which the wizard asks before. */
  withoutAction?: boolean;
}) {
  const { values, onChange, problem } = props;
  const { integrations } = useWords();
  const words = integrations.additional;
  const origin = useOrigins().data?.find((one) => one.id === props.origin);
  const isDeal = values.action.endsWith("deal");
  return (
    <>
      {!props.withoutAction && (
        <ActionRadios value={values.action} onChange={(action) => onChange({ action })} />
      )}
      {!isDeal && <Banner tone="plain">{words.contactOnly}</Banner>}
      {isDeal && (
        <>
          <TextInput
            label={words.tag}
            hint={words.tagHint}
            name="tag"
            maxLength={128}
            value={values.tag ?? ""}
            onChange={(tag) => onChange({ tag: tag === "" ? null : tag })}
            error={problem.of("tag")}
          />
          <Select
            required
            label={words.stage}
            hint={words.stageHint}
            name="stage"
            value={values.stage ?? FIRST}
            options={[
              { id: FIRST, label: words.first },
              ...(origin?.stages ?? []).map(({ id, name }) => ({ id, label: name })),
            ]}
            onChange={(id) => onChange({ stage: id === FIRST ? null : id })}
            error={problem.of("stage")}
          />
          <Radios
            row
            label={words.onUpdate}
            name="stage_on_update"
            value={values.stage_on_update}
            options={[
              { id: "always", label: words.always },
              { id: "only_on_create", label: words.onlyOnCreate },
            ]}
            onChange={(stage_on_update) => onChange({ stage_on_update })}
          />
          <Select
            required
            label={words.status}
            name="status"
            value={values.status ?? NONE}
            options={[
              { id: NONE, label: words.noStatus },
              ...STATUSES.map((id) => ({ id, label: words[id] })),
            ]}
            onChange={(id) => onChange({ status: STATUSES.find((one) => one === id) ?? null })}
            error={problem.of("status")}
          />
        </>
      )}
    </>
  );
}
