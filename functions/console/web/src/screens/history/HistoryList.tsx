import { useCallback, useEffect, useMemo, useState } from "react";
import { useMay } from "../../api/context.tsx";
import type { Webhook, WebhookFilter } from "../../api/history.ts";
import type { Step } from "../../lib/address.ts";
import { changePreferences, preferences, usePreferences } from "../../lib/preferences.ts";
import { momentText } from "../../lib/time.ts";
import { useNearEnd } from "../../lib/useNearEnd.ts";
import { IconButton } from "../../ui/Button.tsx";
import { Counter } from "../../ui/Counter.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { Table } from "../../ui/Table.tsx";
import { ViewAsApi } from "../../ui/ViewAsApi.tsx";
import { useLanguage, useZones } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import { OPTIONAL, useColumns } from "./columns.tsx";
import styles from "./History.module.css";
import { HistoryEmpty } from "./HistoryEmpty.tsx";
import { SelectionActions } from "./SelectionActions.tsx";
import { type HistorySearch, NO_FILTER } from "./search.ts";
import { useApiCall } from "./useApiCall.ts";
import type { HistoryList as List } from "./useHistory.ts";
import { useReprocess } from "./useReprocess.ts";
import { useRowActions } from "./useRowActions.ts";

interface Props {
  origin: string;
  filter: WebhookFilter;
  search: HistorySearch;
  change: (part: Partial<HistorySearch>, step?: Step) => void;
  list: List;
  count: number | undefined;
  marked: ReadonlySet<string>;
  onOpen: (id: string) => void;
  onReprocessAll: () => void;
}

const TABLE = "history";
/** The selected rows; `all`: everything that the filter matches, loaded or not. */
const NONE_CHOSEN = { rows: new Set<string>() as ReadonlySet<string>, all: false };
const NO_COLUMNS: readonly string[] = [];

/** Counter, selection and rows of the history. */
export function HistoryList(props: Props) {
  const { origin, filter, change, list } = props;
  const w = useWords().history;
  const [chosen, choose] = useState(NONE_CHOSEN);
  const filterKey = JSON.stringify(filter);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter shows other rows
  useEffect(() => choose(NONE_CHOSEN), [filterKey]);
  const selectAll = () => choose({ rows: new Set(list.items.map(idOf)), all: true });
  const shown = usePreferences().columns[TABLE] ?? NO_COLUMNS;
  const columns = useColumns(origin, shown);
  const { one, several } = useReprocess(origin, list.touched);
  const only = useCallback(
    (integration: string) => change({ ...NO_FILTER, integration: [integration] }),
    [change],
  );
  const reprocess = useCallback((id: string) => void one(id), [one]);
  const acts = useMemo(
    () => ({ open: props.onOpen, reprocess, only }),
    [props.onOpen, reprocess, only],
  );
  const actionsOf = useRowActions(origin, acts);
  const may = useMay("operator");
  const nameOf = useNameOf();
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list.query;
  const more = useMemo(
    () => (hasNextPage ? () => void fetchNextPage() : null),
    [hasNextPage, fetchNextPage],
  );
  const end = useNearEnd(isFetchingNextPage ? null : more);
  return (
    <>
      <div className={styles.line}>
        {props.count !== undefined && (
          <Counter catching={list.catching}>{w.count(props.count)}</Counter>
        )}
        <span className={styles.end}>
          <ViewAsApi call={useApiCall(origin, filter)} />
          <ColumnMenu shown={shown} />
        </span>
      </div>
      <SelectionActions
        rows={list.items}
        selected={chosen.rows}
        all={chosen.all}
        total={props.count ?? 0}
        onClear={() => choose(NONE_CHOSEN)}
        onAll={selectAll}
        onReprocessAll={props.onReprocessAll}
        several={several}
      />
      <Table
        label={w.title}
        items={list.items}
        columns={columns}
        idOf={idOf}
        nameOf={nameOf}
        onOpen={props.onOpen}
        actionsOf={actionsOf}
        open={props.search.w}
        marked={props.marked}
        stale={list.stale}
        loading={list.query.isPending}
        empty={<HistoryEmpty origin={origin} filter={filter} onClear={() => change(NO_FILTER)} />}
        more={more ? { load: more, loading: isFetchingNextPage } : undefined}
        {...(may
          ? {
              selected: chosen.rows,
              onSelect: (rows: ReadonlySet<string>) => choose({ rows, all: false }),
              onAll: selectAll,
            }
          : {})}
      />
      <div ref={end} />
    </>
  );
}

const idOf = (row: Webhook) => row.id;

function useNameOf(): (row: Webhook) => string {
  const w = useWords().history;
  const { shown } = useZones();
  const language = useLanguage();
  return useCallback(
    (row) => w.row(row.integration.name, momentText(row.received_at, shown, language)),
    [w, shown, language],
  );
}

function ColumnMenu({ shown }: { shown: readonly string[] }) {
  const w = useWords().history;
  const toggle = (id: string) => {
    const next = shown.includes(id) ? shown.filter((one) => one !== id) : [...shown, id];
    changePreferences({ columns: { ...preferences.get().columns, [TABLE]: next } });
  };
  return (
    <Menu
      label={w.columns.choose}
      actions={OPTIONAL.map((id) => ({
        id,
        label: w.columns[id],
        ...(shown.includes(id) ? { icon: "check" as const } : {}),
        onAction: () => toggle(id),
      }))}
    >
      <IconButton icon="gear" label={w.columns.choose} />
    </Menu>
  );
}
