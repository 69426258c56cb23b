import { useMemo } from "react";
import { useWorkspace } from "../../api/context.tsx";
import { plainText } from "../../lib/foreign.ts";
import { paths } from "../../lib/paths.ts";
import { useRouter } from "../../lib/router/hooks.ts";
import { Empty } from "../../ui/Empty.tsx";
import { Link } from "../../ui/Link.tsx";
import { Problem } from "../../ui/Problem.tsx";
import { Table } from "../../ui/Table.tsx";
import { useWords } from "../../words/index.ts";
import { useDeliveryColumns } from "../deliveries/columns.tsx";
import { useDeliveries } from "../deliveries/useDeliveries.ts";
import { useDeliveryActions } from "../deliveries/useDeliveryActions.tsx";
import type { Endpoint } from "../endpoints/useEndpointActions.tsx";
import styles from "./Endpoint.module.css";

/** The newest deliveries of an endpoint, of every state. */
export function EndpointDeliveries({ endpoint }: { endpoint: Endpoint }) {
  const words = useWords();
  const { id: ws } = useWorkspace();
  const router = useRouter();
  const filter = useMemo(
    () => ({ state: [], rule: [], endpoint: [endpoint.id], integration: [] }),
    [endpoint.id],
  );
  const list = useDeliveries(filter, false);
  const columns = useDeliveryColumns();
  const { actionsOf, dialog } = useDeliveryActions(list.touched);
  const { query } = list;
  if (query.isError && list.items.length === 0) {
    return <Problem error={query.error} onRetry={() => void query.refetch()} />;
  }
  return (
    <div className={styles.stack}>
      <Link href={paths.deliveries(ws, { endpoint: endpoint.id })}>
        {words.endpoints.one.deliveriesLink}
      </Link>
      <Table
        label={words.deliveries.title}
        items={list.items}
        columns={columns}
        idOf={(row) => row.id}
        nameOf={(row) => plainText(row.subject, 80)}
        onOpen={(id) => void router.navigate({ href: paths.delivery(ws, id) })}
        actionsOf={actionsOf}
        loading={query.isPending}
        more={
          query.hasNextPage
            ? { load: () => void query.fetchNextPage(), loading: query.isFetchingNextPage }
            : undefined
        }
        empty={<Empty icon="send" title={words.deliveries.empty.none} />}
      />
      {dialog}
    </div>
  );
}
