import { useMemo } from "react";
import { useEventTypes } from "../../api/configuration.ts";
import { useWorkspace } from "../../api/context.tsx";
import type { Delivery } from "../../api/deliveries.ts";
import { tailOf } from "../../lib/ids.ts";
import { paths } from "../../lib/paths.ts";
import { minuteText, relativeText } from "../../lib/time.ts";
import { Foreign } from "../../ui/Foreign.tsx";
import { Link } from "../../ui/Link.tsx";
import { StatusMark } from "../../ui/StatusMark.tsx";
import type { ColumnOf } from "../../ui/Table.tsx";
import { Time, useZoneName } from "../../ui/Time.tsx";
import { useNow } from "../../ui/useNow.ts";
import { useLanguage, useZones } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Deliveries.module.css";
import { outcomeText, reasonText, statusText } from "./words.ts";

/** The label of an event type in the language in use; an own type is its name. */
export function useTypeLabel(): (type: string) => string {
  const { data } = useEventTypes();
  const language = useLanguage();
  return useMemo(() => {
    const labels = new Map(data?.map((entry) => [entry.type, entry.label[language]]));
    return (type) => labels.get(type) ?? type;
  }, [data, language]);
}

export function useDeliveryColumns(): ColumnOf<Delivery>[] {
  const all = useWords();
  const words = all.deliveries;
  const { id: ws } = useWorkspace();
  const zone = useZoneName();
  const typeLabel = useTypeLabel();
  return useMemo(
    () => [
      {
        id: "subject",
        header: words.columns.subject,
        cell: (row) => (
          <span className={styles.subject}>
            <Link href={paths.delivery(ws, row.id)} plain>
              <Foreign text={row.subject} middle={36} />
            </Link>
            {row.trigger !== "event" && (
              <span className={styles.trigger}>{words.trigger[row.trigger]}</span>
            )}
          </span>
        ),
      },
      {
        id: "state",
        header: words.columns.state,
        cell: (row) => <State row={row} />,
      },
      {
        id: "answer",
        header: words.columns.answer,
        cell: (row) => (
          <span className={row.last?.status === null ? styles.muted : styles.answer}>
            {outcomeText(row.last, words)}
          </span>
        ),
      },
      {
        id: "created_at",
        header: words.columns.createdAt(zone),
        cell: (row) => <Time at={row.created_at} />,
      },
      {
        id: "url",
        header: words.columns.url,
        cell: (row) =>
          row.url === null ? (
            <span className={styles.muted}>{row.integration?.name ?? "—"}</span>
          ) : (
            <span className={styles.url}>
              <Foreign text={row.url} code middle={20} />
            </span>
          ),
      },
      {
        id: "type",
        header: words.columns.type,
        cell: (row) => (
          <span title={row.type} className={styles.type}>
            {typeLabel(row.type)}
          </span>
        ),
      },
      {
        id: "rule",
        header: words.columns.rule,
        cell: (row) => <RuleCell row={row} ws={ws} deleted={words.deleted} />,
      },
      {
        id: "subject_status",
        header: words.columns.subjectStatus,
        secondary: true,
        cell: (row) =>
          row.subject_status === null ? (
            "—"
          ) : (
            <Foreign text={statusText(row.subject, row.subject_status, all)} middle={28} />
          ),
      },
    ],
    [all, words, ws, zone, typeLabel],
  );
}

function RuleCell({ row, ws, deleted }: { row: Delivery; ws: string; deleted: string }) {
  const { id, name } = row.rule;
  return (
    <span className={styles.rule}>
      {name === null ? (
        <span className={styles.muted}>{deleted}</span>
      ) : (
        <Link href={paths.rule(ws, id)}>
          <Foreign text={name} middle={34} />
        </Link>
      )}
      <span className={styles.tail}>{tailOf(id)}</span>
    </span>
  );
}

function State({ row }: { row: Delivery }) {
  const all = useWords();
  const words = all.deliveries;
  const { shown } = useZones();
  const language = useLanguage();
  const counts = row.state === "retrying" && row.next_at !== null;
  const now = useNow(counts);
  if (row.state === "retrying" && row.next_at) {
    const next = Math.max(Date.parse(row.next_at), now + 1_000);
    const when = relativeText(new Date(next).toISOString(), now, language);
    return (
      <StatusMark of="delivery" status="retrying">
        {words.retry(row.attempts + 1, when)}
      </StatusMark>
    );
  }
  if (row.state === "failure" || row.state === "discarded") {
    return (
      <StatusMark of="delivery" status={row.state}>
        {reasonText(row.reason, words)}
      </StatusMark>
    );
  }
  if (row.state === "held" && row.state_since) {
    return (
      <StatusMark of="delivery" status="held">
        {words.heldSince(minuteText(row.state_since, shown, language))}
      </StatusMark>
    );
  }
  return <StatusMark of="delivery" status={row.state} />;
}
