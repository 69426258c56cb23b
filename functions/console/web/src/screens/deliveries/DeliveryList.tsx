import { useWorkspaceSettings } from "../../api/configuration.ts";
import { useMay, useWorkspace } from "../../api/context.tsx";
import type { Delivery } from "../../api/deliveries.ts";
import { plainText } from "../../lib/foreign.ts";
import { paths } from "../../lib/paths.ts";
import { isBefore, retainedSince, startOfDay } from "../../lib/period.ts";
import { dayText } from "../../lib/time.ts";
import { Button } from "../../ui/Button.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { ButtonLink } from "../../ui/Link.tsx";
import type { MenuAction } from "../../ui/Menu.tsx";
import { Table } from "../../ui/Table.tsx";
import { useLanguage } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import { useDeliveryColumns } from "./columns.tsx";
import type { Change } from "./DeliveryFilters.tsx";
import { CLEARED, type DeliverySearch, isFiltered } from "./search.ts";
import type { DeliveryListState } from "./useDeliveries.ts";
import { useDeliveryActions } from "./useDeliveryActions.tsx";

const idOf = (row: Delivery) => row.id;
const nameOf = (row: Delivery) => plainText(row.subject, 80);

/** The rows of the list with their menu. */
export function DeliveryList(props: {
  search: DeliverySearch;
  change: Change;
  list: DeliveryListState;
  marked: ReadonlySet<string>;
  onOpen: (id: string) => void;
}) {
  const { search, change, list } = props;
  const texts = useWords().deliveries;
  const columns = useDeliveryColumns();
  const { actionsOf, dialog } = useDeliveryActions(list.touched);

  function rowActions(row: Delivery): MenuAction[] {
    const { endpoint } = row;
    return [
      {
        id: "details",
        icon: "list",
        label: texts.menu.details,
        onAction: () => props.onOpen(row.id),
      },
      ...actionsOf(row),
      {
        id: "filter subject",
        icon: "search",
        label: texts.menu.filterSubject,
        apart: true,
        onAction: () => change({ subject: row.subject, from: undefined, to: undefined }),
      },
      {
        id: "filter rule",
        icon: "search",
        label: texts.menu.filterRule,
        onAction: () => change({ rule: [row.rule.id] }),
      },
      ...(endpoint
        ? [
            {
              id: "filter endpoint",
              icon: "search" as const,
              label: texts.menu.filterEndpoint,
              onAction: () => change({ endpoint: [endpoint.id] }),
            },
          ]
        : []),
    ];
  }

  const { query } = list;
  return (
    <>
      <Table
        label={texts.title}
        items={list.items}
        columns={columns}
        idOf={idOf}
        nameOf={nameOf}
        onOpen={props.onOpen}
        actionsOf={rowActions}
        open={search.d}
        marked={props.marked}
        stale={list.stale}
        loading={query.isPending}
        more={
          query.hasNextPage
            ? { load: () => void query.fetchNextPage(), loading: query.isFetchingNextPage }
            : undefined
        }
        empty={<NoRows search={search} change={change} list={list} />}
      />
      {dialog}
    </>
  );
}

function NoRows(props: { search: DeliverySearch; change: Change; list: DeliveryListState }) {
  const { search, change } = props;
  const words = useWords();
  const texts = words.deliveries.empty;
  const { id: ws, time_zone: zone } = useWorkspace();
  const language = useLanguage();
  const mayAdd = useMay("admin");
  const days = useWorkspaceSettings().data?.outbound_days ?? 30;
  const since = retainedSince({ days }, Date.now(), zone);
  const bounds = search.to === undefined ? {} : { to: search.to };
  if (isFiltered(search)) {
    const before = isBefore(bounds, startOfDay(since, zone), Date.now(), zone);
    const day = dayText(`${since.toString()}T12:00:00Z`, "UTC", language);
    return (
      <Empty
        icon="search"
        title={before ? texts.before(day) : texts.noMatch}
        action={<Button onPress={() => change(CLEARED)}>{words.parts.filters.clear}</Button>}
      >
        {texts.noMatchHint}
      </Empty>
    );
  }
  const { totals } = props.list;
  const any = totals
    ? totals.all.count + totals.in_process.count + totals.held.count + totals.discarded.count
    : 0;
  if (any > 0) return <Empty icon="check" title={texts.noneInTab} />;
  return (
    <Empty
      icon="send"
      title={texts.none}
      action={
        mayAdd && (
          <ButtonLink href={paths.newRule(ws)} primary>
            {texts.newRule}
          </ButtonLink>
        )
      }
    >
      {texts.noneHint}
    </Empty>
  );
}
