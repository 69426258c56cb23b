import { useState } from "react";
import { useMay } from "../../api/context.tsx";
import type { Webhook } from "../../api/history.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { SelectionBar } from "../../ui/Selection.tsx";
import { Time } from "../../ui/Time.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./History.module.css";
import type { Refused } from "./useReprocess.ts";

interface Props {
  rows: readonly Webhook[];
  selected: ReadonlySet<string>;
  /** Everything that the filter matches is meant. */
  all: boolean;
  total: number;
  onClear: () => void;
  onAll: () => void;
  /** The dialog of the filter, which counts and asks. */
  onReprocessAll: () => void;
  several: (webhooks: readonly string[]) => Promise<Refused[]>;
}

/** The actions on the selected rows. */
export function SelectionActions(props: Props) {
  const { rows, selected, all, total, onClear, several } = props;
  const words = useWords();
  const w = words.history.reprocess;
  const may = useMay("operator");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused[]>([]);
  const run = async () => {
    setBusy(true);
    const failed = await several([...selected]);
    setBusy(false);
    setRefused(failed);
    onClear();
  };
  return (
    <>
      {selected.size > 0 && (
        <SelectionBar
          selected={selected.size}
          total={total}
          all={all}
          onAll={props.onAll}
          onClear={onClear}
        >
          <Button
            kind="primary"
            small
            busy={busy}
            reason={may ? undefined : words.common.needs.operator}
            onPress={() => (all ? props.onReprocessAll() : void run())}
          >
            {all ? w.button : w.selected(selected.size)}
          </Button>
        </SelectionBar>
      )}
      {refused.length > 0 && (
        <Dialog title={w.refused(refused.length)} onClose={() => setRefused([])} dismissable>
          <ul className={styles.refused}>
            {refused.map(({ webhook, reason }) => {
              const row = rows.find((one) => one.id === webhook);
              return (
                <li key={webhook}>
                  {row ? <Time at={row.received_at} /> : <code>{webhook}</code>}
                  <span>{reason}</span>
                </li>
              );
            })}
          </ul>
        </Dialog>
      )}
    </>
  );
}
