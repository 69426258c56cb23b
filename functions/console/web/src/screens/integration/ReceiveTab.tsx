import type { Schemas } from "../../api/configuration.ts";
import { Checks } from "../../ui/Checks.tsx";
import { TextInput } from "../../ui/Field.tsx";
import { Select } from "../../ui/Select.tsx";
import { Switch } from "../../ui/Switch.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Integration.module.css";
import { Saving } from "./Saving.tsx";
import type { Integration, IntegrationPatch } from "./useChange.ts";
import { useSettings } from "./useSettings.ts";

type Method = Schemas["Method"];
type Dedupe = Schemas["Dedupe"];

const METHODS: readonly Method[] = ["POST", "GET", "PUT", "PATCH", "DELETE"];

interface Values {
  methods: Method[];
  status: string;
  sniff: boolean;
  dedupe: Dedupe | null;
}

function valuesOf(integration: Integration): Values {
  return {
    methods: integration.methods,
    status: String(integration.success_status),
    sniff: integration.sniff_json,
    dedupe: integration.dedupe,
  };
}

function patchOf(values: Values): IntegrationPatch {
  return {
    methods: values.methods,
    success_status: Number(values.status),
    sniff_json: values.sniff,
    dedupe: values.dedupe,
  };
}

/** The settings of receipt: methods, the answer, repetitions. */
export function ReceiveTab({ integration }: { integration: Integration }) {
  const { integrations } = useWords();
  const words = integrations.receive;
  const form = useSettings(integration, valuesOf, patchOf);
  const { values, set, problem } = form;
  return (
    <Saving {...form} onSave={() => form.save()}>
      <Checks
        label={words.methods}
        options={METHODS.map((id) => ({ id, label: id }))}
        value={values.methods}
        onChange={(chosen) => set({ methods: METHODS.filter((one) => chosen.includes(one)) })}
      />
      <TextInput
        required
        type="number"
        label={words.status}
        hint={words.statusHint}
        name="success_status"
        value={values.status}
        onChange={(status) => set({ status })}
        error={problem.of("success_status")}
      />
      <div className={styles.group}>
        <Switch selected={values.sniff} onChange={(sniff) => set({ sniff })}>
          {words.sniff}
        </Switch>
        <p className={styles.hint}>{words.sniffHint}</p>
      </div>
      <DedupeFields
        value={values.dedupe}
        onChange={(dedupe) => set({ dedupe })}
        error={problem.of("dedupe")}
      />
    </Saving>
  );
}

type Kind = "off" | "header" | "path" | "body";

function kindOf(value: Dedupe | null): Kind {
  if (value === null) return "off";
  if (value.source === "body") return "body";
  return "header" in value.source ? "header" : "path";
}

function DedupeFields(props: {
  value: Dedupe | null;
  onChange: (value: Dedupe | null) => void;
  error: string | undefined;
}) {
  const { value, onChange } = props;
  const { integrations } = useWords();
  const words = integrations.receive;
  const hours = value?.window_hours ?? 24;
  function choose(id: string) {
    if (id === "body") onChange({ source: "body", window_hours: hours });
    else if (id === "header") onChange({ source: { header: "x-request-id" }, window_hours: hours });
    else if (id === "path") onChange({ source: { path: "$.id" }, window_hours: hours });
    else onChange(null);
  }
  const source = value?.source;
  return (
    <>
      <Select
        required
        label={words.dedupe}
        name="dedupe"
        value={kindOf(value)}
        options={[
          { id: "off", label: words.dedupeOff },
          { id: "header", label: words.dedupeHeader },
          { id: "path", label: words.dedupePath },
          { id: "body", label: words.dedupeBody },
        ]}
        onChange={choose}
        error={props.error}
      />
      {value !== null && source !== undefined && source !== "body" && (
        <TextInput
          required
          code
          label={"header" in source ? words.header : words.path}
          name="dedupe.source"
          value={"header" in source ? source.header : source.path}
          onChange={(text) =>
            onChange({ ...value, source: "header" in source ? { header: text } : { path: text } })
          }
        />
      )}
      {value !== null && (
        <TextInput
          required
          type="number"
          label={words.hours}
          hint={words.hoursHint}
          name="dedupe.window_hours"
          value={String(hours)}
          onChange={(text) => onChange({ ...value, window_hours: Number(text) })}
        />
      )}
    </>
  );
}
