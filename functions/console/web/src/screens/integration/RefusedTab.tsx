import { useQuery } from "@tanstack/react-query";
import { useClient } from "../../api/context.tsx";
import { dayText } from "../../lib/time.ts";
import { Empty } from "../../ui/Empty.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { Problem } from "../../ui/Problem.tsx";
import { Table } from "../../ui/Table.tsx";
import { Time } from "../../ui/Time.tsx";
import { useLanguage } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Integration.module.css";
import { refusedQuery } from "./refused.ts";
import type { Integration } from "./useChange.ts";

/** The refused requests, each with its remedy. */
export function RefusedTab({ integration }: { integration: Integration }) {
  const { integrations, codes } = useWords();
  const words = integrations.refused;
  const language = useLanguage();
  // A day of the workspace, whatever zone is in force. Noon of UTC is on it when it is shown in UTC.
  const dayOf = (day: string) => dayText(`${day}T12:00:00Z`, "UTC", language);
  const refused = useQuery(refusedQuery(useClient(), integration.id));
  if (refused.error)
    return <Problem error={refused.error} onRetry={() => void refused.refetch()} />;
  return (
    <div className={styles.group}>
      <p className={styles.hint}>{words.about}</p>
      <Table
        label={words.table}
        items={refused.data ?? []}
        loading={refused.isPending}
        idOf={(row) => `${row.day} ${row.code}`}
        nameOf={(row) => `${row.day} ${row.message}`}
        onOpen={() => {}}
        empty={<Empty icon="check" title={words.none} />}
        columns={[
          { id: "day", header: words.day, cell: (row) => dayOf(row.day) },
          { id: "reason", header: words.reason, cell: (row) => <Foreign text={row.message} /> },
          { id: "count", header: words.count, align: "end", cell: (row) => row.count },
          { id: "last", header: words.last, cell: (row) => <Time at={row.last_at} /> },
          {
            id: "ip",
            header: words.ip,
            secondary: true,
            cell: (row) => <Foreign code text={row.last_ip} />,
          },
          { id: "next", header: words.next, grow: true, cell: (row) => codes[row.code].next },
        ]}
      />
    </div>
  );
}
