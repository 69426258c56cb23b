import { useQuery } from "@tanstack/react-query";
import { useClient } from "../../api/context.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { Problem } from "../../ui/Problem.tsx";
import { Table } from "../../ui/Table.tsx";
import { Time } from "../../ui/Time.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Integration.module.css";
import { refusedQuery } from "./refused.ts";
import type { Integration } from "./useChange.ts";

/** The refused requests, each with its remedy. */
export function RefusedTab({ integration }: { integration: Integration }) {
  const { integrations, codes } = useWords();
  const words = integrations.refused;
  const refused = useQuery(refusedQuery(useClient(), integration.id));
  if (refused.error)
    return <Problem error={refused.error} onRetry={() => void refused.refetch()} />;
  return (
    <>
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
          { id: "day", header: words.day, cell: (row) => row.day },
          { id: "reason", header: words.reason, cell: (row) => <Foreign text={row.message} /> },
          { id: "count", header: words.count, align: "end", cell: (row) => row.count },
          { id: "last", header: words.last, cell: (row) => <Time at={row.last_at} inTable /> },
          {
            id: "ip",
            header: words.ip,
            secondary: true,
            cell: (row) => <Foreign code text={row.last_ip} />,
          },
          { id: "next", header: words.next, grow: true, cell: (row) => codes[row.code].next },
        ]}
      />
    </>
  );
}
