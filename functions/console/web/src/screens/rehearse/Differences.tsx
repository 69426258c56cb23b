import { useState } from "react";
import { useWorkspace } from "../../api/context.tsx";
import { plainText } from "../../lib/foreign.ts";
import { paths } from "../../lib/paths.ts";
import type { Verdict } from "../../lib/rehearse.ts";
import { IconButton } from "../../ui/Button.tsx";
import { JsonDiff } from "../../ui/Diff/Diff.tsx";
import type { IconName } from "../../ui/Icon.tsx";
import { Link } from "../../ui/Link.tsx";
import { Mark, type Tone } from "../../ui/StatusMark.tsx";
import { Time } from "../../ui/Time.tsx";
import { useWords } from "../../words/index.ts";
import type { Integration } from "../integration/useChange.ts";
import { useTargetLabel } from "../mapping/targets.ts";
import styles from "./Rehearse.module.css";
import type { Row } from "./useRehearsal.ts";

const LOOKS: Record<Verdict, { tone: Tone; icon: IconName }> = {
  same: { tone: "quiet", icon: "check" },
  changes: { tone: "wait", icon: "retry" },
  mended: { tone: "ok", icon: "check" },
  broken: { tone: "bad", icon: "cross" },
  failed: { tone: "quiet", icon: "warning" },
};

const MOST_SHOWN = 200;

/** The webhooks that differ, with the fields that do; each opens both results side by side. */
export function Differences(props: { rows: readonly Row[]; integration: Integration }) {
  const { mapping } = useWords();
  const words = mapping.rehearse;
  return (
    <ol className={styles.rows} aria-label={words.what}>
      {props.rows.slice(0, MOST_SHOWN).map((row) => (
        <Difference key={row.webhook.id} row={row} integration={props.integration} />
      ))}
    </ol>
  );
}

function Difference({ row, integration }: { row: Row; integration: Integration }) {
  const { mapping } = useWords();
  const words = mapping.rehearse;
  const ws = useWorkspace().id;
  const labelOf = useTargetLabel();
  const [open, setOpen] = useState(false);
  const look = LOOKS[row.verdict];
  const value = (text: string | undefined) =>
    text === undefined ? words.nothing : plainText(text, 60);
  const problem = row.after?.problems[0] ?? row.before?.problems[0];
  return (
    <li className={styles.row}>
      <div className={styles.head}>
        <Mark {...look}>{words.verdicts[row.verdict]}</Mark>
        <Link plain href={paths.webhook(ws, integration.origin, row.webhook.id)}>
          <Time at={row.webhook.received_at} />
        </Link>
        <IconButton
          small
          icon={open ? "up" : "down"}
          label={words.what}
          pressed={open}
          onPress={() => setOpen(!open)}
        />
      </div>
      <ul className={styles.changes}>
        {row.changes.slice(0, 5).map((change) => (
          <li key={change.path}>
            <span className={styles.field}>{labelOf(change.path)}</span>
            <bdi>{value(change.before)}</bdi> →{" "}
            <bdi className={styles.after}>{value(change.after)}</bdi>
          </li>
        ))}
        {row.changes.length === 0 && problem && (
          <li>
            <bdi>{plainText(problem.message, 200)}</bdi>
          </li>
        )}
      </ul>
      {open && (
        <JsonDiff
          before={row.before?.result ?? null}
          after={row.after?.result ?? null}
          label={words.what}
        />
      )}
    </li>
  );
}
