import { readWaits } from "../../lib/presets.ts";
import { Fields, TextInput } from "../../ui/Field.tsx";
import { Select } from "../../ui/Select.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Endpoints.module.css";
import { type Draft, whole } from "./policyDraft.ts";

type Props = {
  draft: Draft;
  onChange: (draft: Draft) => void;
  of: (path: string) => string | undefined;
  /** The reason for which the order cannot be changed now. */
  locked?: string | undefined;
};

type NumberKey = "timeout" | "jitter" | "moreThan" | "seconds" | "percent" | "failures" | "probe";

/** Every number of a policy. */
export function PolicyFields({ draft, onChange, of, locked }: Props) {
  const texts = useWords().endpoints.form;
  const set = (change: Partial<Draft>) => onChange({ ...draft, ...change });
  const number = (key: NumberKey, label: string, path: string, hint?: string) => {
    const value = draft[key];
    const fine = key === "timeout" ? Number(value.replace(",", ".")) > 0 : whole(value) !== null;
    const empty = key === "probe" && value.trim() === "";
    return (
      <TextInput
        label={label}
        name={path}
        value={value}
        onChange={(text) => set({ [key]: text })}
        error={of(path) ?? (fine || empty ? undefined : texts.number)}
        required={key !== "probe"}
        hint={hint}
      />
    );
  };
  return (
    <>
      <div className={styles.grid}>
        <Select
          label={texts.success}
          name="policy.success"
          required
          value={draft.success}
          options={[
            { id: "any2xx", label: texts.any2xx },
            { id: "only200", label: texts.only200 },
          ]}
          onChange={(id) => set({ success: id === "only200" ? "only200" : "any2xx" })}
        />
        {number("timeout", texts.timeout, "policy.timeout_ms")}
        {number("jitter", texts.jitter, "policy.jitter_percent")}
        <Select
          label={texts.order}
          name="policy.order"
          required
          value={draft.order}
          disabled={Boolean(locked)}
          hint={locked}
          options={[
            { id: "none", label: texts.orderNone },
            { id: "skip", label: texts.orderSkip },
            { id: "block", label: texts.orderBlock },
          ]}
          onChange={(id) => set({ order: id === "skip" || id === "block" ? id : "none" })}
          error={of("policy.order")}
        />
      </div>
      <TextInput
        label={texts.waits}
        name="policy.waits"
        code
        value={draft.waits}
        onChange={(waits) => set({ waits })}
        hint={texts.waitsHint}
        error={of("policy.waits") ?? (readWaits(draft.waits) === null ? texts.waitsBad : undefined)}
      />
      <Fields legend={texts.suspension}>
        <div className={styles.grid}>
          <Select
            label={texts.trip}
            name="policy.suspension"
            required
            value={draft.trip}
            options={[
              { id: "window", label: texts.tripWindow },
              { id: "streak", label: texts.tripStreak },
              { id: "never", label: texts.tripNever },
            ]}
            onChange={(id) => set({ trip: id === "window" || id === "streak" ? id : "never" })}
            error={of("policy.suspension")}
          />
          {draft.trip !== "never" && (
            <Select
              label={texts.scope}
              name="policy.suspension.scope"
              required
              value={draft.scope}
              options={(["endpoint", "url", "workspace"] as const).map((id) => ({
                id,
                label: texts.scopes[id],
              }))}
              onChange={(id) =>
                set({ scope: id === "url" || id === "workspace" ? id : "endpoint" })
              }
            />
          )}
          {draft.trip === "window" && (
            <>
              {number("moreThan", texts.moreThan, "policy.suspension.trip.window.more_than")}
              {number("seconds", texts.seconds, "policy.suspension.trip.window.seconds")}
              {number("percent", texts.percent, "policy.suspension.trip.window.percent")}
            </>
          )}
          {draft.trip === "streak" &&
            number("failures", texts.failures, "policy.suspension.trip.streak.failures")}
          {draft.trip !== "never" &&
            number("probe", texts.probe, "policy.suspension.probe_after", texts.probeHint)}
        </div>
      </Fields>
    </>
  );
}
