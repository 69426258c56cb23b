import { useState } from "react";
import { useMay } from "../../api/context.tsx";
import { summary, type Verdict } from "../../lib/rehearse.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Problem } from "../../ui/Problem.tsx";
import { Radios } from "../../ui/Radios.tsx";
import { Select } from "../../ui/Select.tsx";
import { say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";
import type { Integration } from "../integration/useChange.ts";
import { SaveDialog } from "../mapping/SaveDialog.tsx";
import type { MappingControl } from "../mapping/useMappingDraft.ts";
import { Differences } from "./Differences.tsx";
import styles from "./Rehearse.module.css";
import { type Status, useRehearsal } from "./useRehearsal.ts";
import { useReprocessThese } from "./useReprocessThese.ts";

const STATUSES: readonly Status[] = ["error", "success", "pending"];
const VERDICTS: readonly Verdict[] = ["changes", "mended", "broken", "same", "failed"];
const ANY = "any";

/** Runs the mapping on the screen over what really came, before it is saved (CONSOLE 8.1). */
export function Rehearse(props: {
  integration: Integration;
  control: MappingControl;
  onClose: () => void;
}) {
  const { integration, control } = props;
  const { mapping, parts } = useWords();
  const words = mapping.rehearse;
  const [many, setMany] = useState<"50" | "200">("50");
  const [status, setStatus] = useState<Status>();
  const [shown, setShown] = useState<Verdict>();
  const { state, start, stop } = useRehearsal(integration, control.mapping);
  const counts = summary(state?.rows ?? []);
  const differing = (state?.rows ?? []).filter(
    (row) => row.verdict === "changes" || row.verdict === "mended",
  );
  const rows = (state?.rows ?? []).filter((row) =>
    shown === undefined ? row.verdict !== "same" : row.verdict === shown,
  );
  const isDone = state !== undefined && !state.isRunning;
  return (
    <Dialog
      title={words.title}
      width="large"
      onClose={props.onClose}
      footer={
        isDone && control.isChanged ? (
          <SaveButtons {...props} webhooks={differing.map((row) => row.webhook.id)} />
        ) : undefined
      }
    >
      <p className={styles.intro}>{words.intro}</p>
      <div className={styles.choices}>
        <Radios
          row
          label={words.howMany}
          name="many"
          value={many}
          onChange={setMany}
          options={(["50", "200"] as const).map((id) => ({ id, label: words.last(Number(id)) }))}
        />
        <Select
          required
          label={words.status}
          name="status"
          value={status ?? ANY}
          options={[
            { id: ANY, label: words.any },
            ...STATUSES.map((id) => ({ id, label: parts.inbound[id] })),
          ]}
          onChange={(id) => setStatus(STATUSES.find((one) => one === id))}
        />
        {state?.isRunning ? (
          <Button onPress={stop}>{words.stop}</Button>
        ) : (
          <Button kind="primary" icon="play" onPress={() => void start(Number(many), status)}>
            {words.start}
          </Button>
        )}
      </div>
      {state?.error ? <Problem error={state.error} /> : null}
      {state !== undefined && !state.error && (
        <>
          {state.isRunning && (
            <div className={styles.progress}>
              <progress
                value={state.rows.length}
                max={Math.max(1, state.of)}
                aria-label={words.title}
              />
              <span>{words.progress(state.rows.length, state.of)}</span>
            </div>
          )}
          <div className={styles.summary} role="status">
            {VERDICTS.filter((verdict) => counts[verdict] > 0 || verdict === "same").map(
              (verdict) => (
                <Button
                  key={verdict}
                  small
                  pressed={shown === verdict}
                  onPress={() => setShown(shown === verdict ? undefined : verdict)}
                >
                  {words[verdict](counts[verdict])}
                </Button>
              ),
            )}
          </div>
          {isDone && state.of === 0 && <p className={styles.intro}>{words.none}</p>}
          {rows.length > 0 && <Differences rows={rows} integration={integration} />}
          {isDone && state.of > 0 && rows.length === 0 && (
            <p className={styles.intro}>{shown === undefined ? words.noneDiffers : words.noneOf}</p>
          )}
        </>
      )}
    </Dialog>
  );
}

function SaveButtons(props: {
  integration: Integration;
  control: MappingControl;
  webhooks: readonly string[];
  onClose: () => void;
}) {
  const { mapping, common } = useWords();
  const words = mapping.rehearse;
  const isAdmin = useMay("admin");
  const reason = isAdmin ? undefined : common.needs.admin;
  const [saving, setSaving] = useState<"only" | "reprocess">();
  const reprocess = useReprocessThese(props.integration);
  const many = props.webhooks.length;
  return (
    <>
      <Button reason={reason} onPress={() => setSaving("only")}>
        {words.saveOnly}
      </Button>
      {many > 0 && (
        <Button kind="primary" reason={reason} onPress={() => setSaving("reprocess")}>
          {words.saveAndReprocess(many)}
        </Button>
      )}
      {saving !== undefined && (
        <SaveDialog
          integration={props.integration}
          control={props.control}
          onRefused={() => {}}
          onSaved={() => {
            if (saving === "reprocess") {
              say({ text: mapping.reprocess.started(many) });
              void reprocess(props.webhooks);
            }
            props.onClose();
          }}
          onClose={() => setSaving(undefined)}
        />
      )}
    </>
  );
}
