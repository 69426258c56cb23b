import { useMemo } from "react";
import { useIntegrations } from "../../api/configuration.ts";
import { useWorkspace } from "../../api/context.tsx";
import type { Webhook } from "../../api/history.ts";
import { paths } from "../../lib/paths.ts";
import { AppIcon } from "../../ui/AppIcon.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { Link } from "../../ui/Link.tsx";
import { StatusMark } from "../../ui/StatusMark.tsx";
import type { ColumnOf } from "../../ui/Table.tsx";
import { Time, useZoneName } from "../../ui/Time.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./History.module.css";

/** Columns that the reader can show and hide. */
export const OPTIONAL = ["runs"] as const;

export function useColumns(origin: string, shown: readonly string[]): ColumnOf<Webhook>[] {
  const w = useWords().history;
  const { parts } = useWords();
  const { id: ws } = useWorkspace();
  const zone = useZoneName();
  const integrations = useIntegrations();
  const known = useMemo(
    () => (integrations.data ? new Set(integrations.data.map((one) => one.id)) : null),
    [integrations.data],
  );
  return useMemo(() => {
    const columns: ColumnOf<Webhook>[] = [
      {
        id: "received_at",
        header: w.columns.received(zone),
        cell: (row) => (
          <Link href={paths.webhook(ws, origin, row.id)} plain>
            <Time at={row.received_at} />
          </Link>
        ),
      },
      {
        id: "application",
        header: w.columns.application,
        cell: (row) => (
          <span className={styles.application}>
            <AppIcon path={row.application.icon} />
            <Foreign text={row.application.name} className={styles.applicationName} />
          </span>
        ),
      },
      {
        id: "integration",
        header: w.columns.integration,
        cell: (row) =>
          known === null || known.has(row.integration.id) ? (
            <Foreign text={row.integration.name} className={styles.name} />
          ) : (
            <span className={styles.name}>
              <Foreign text={row.integration.name} />
              <span className={styles.quiet}>{w.deleted}</span>
            </span>
          ),
      },
      { id: "status", header: w.columns.status, grow: true, cell: (row) => <Status row={row} /> },
      {
        id: "active",
        header: w.columns.active,
        cell: (row) => (row.active ? parts.yes : <span title={w.inactiveTip}>{parts.no}</span>),
      },
      {
        id: "result",
        header: w.columns.result,
        secondary: true,
        cell: (row) => <Result row={row} ws={ws} />,
      },
      { id: "runs", header: w.columns.runs, align: "end", cell: (row) => row.runs },
    ];
    const hidden = new Set<string>(OPTIONAL.filter((id) => !shown.includes(id)));
    return columns.filter((column) => !hidden.has(column.id));
  }, [w, parts, ws, origin, zone, known, shown]);
}

function Status({ row }: { row: Webhook }) {
  const w = useWords().history;
  const notes = [
    row.test ? w.test.mark : null,
    row.reprocessing ? w.reprocessing : null,
    row.warnings.length > 0 ? w.warnings(row.warnings.length) : null,
    row.duplicate_of === null ? null : w.repeated,
  ].filter((note) => note !== null);
  if (!row.error && notes.length === 0) return <StatusMark of="inbound" status={row.status} />;
  return (
    <StatusMark of="inbound" status={row.status}>
      {row.error && <Foreign text={row.error.message} className={styles.sentence} />}
      {notes.length > 0 && <span>{notes.join(" · ")}</span>}
    </StatusMark>
  );
}

/** Contact and deal of the last run, each a link. */
export function Result({
  row,
  ws,
}: {
  row: Pick<Webhook, "contact" | "deal" | "status">;
  ws: string;
}) {
  const w = useWords();
  const { contact, deal } = row;
  if (!contact && !deal) return <>{w.common.none}</>;
  const isUnchanged = [contact, deal].every((one) => !one || one.action === "unchanged");
  if (isUnchanged) return <>{w.history.nothingChanged}</>;
  return (
    <span className={styles.result}>
      {deal && <Link href={paths.deal(ws, deal.id)}>{w.history.deal[deal.action]}</Link>}
      {contact && (
        <Link href={paths.contact(ws, contact.id)}>{w.history.contact[contact.action]}</Link>
      )}
    </span>
  );
}
