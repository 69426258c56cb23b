import { keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useClient, useWorkspace } from "../../api/context.tsx";
import {
  type Delivery,
  type DeliveryFilter,
  deliveriesKey,
  deliveriesQuery,
  isUnderWay,
  type LoadedDeliveries,
} from "../../api/deliveries.ts";
import { isProblem } from "../../api/problem.ts";
import { useCatchUp } from "../../lib/useCatchUp.ts";

const WATCHED = 30_000;
const YOUNG = 60_000;
const NO_PAGES: readonly LoadedDeliveries[] = [];

/** Milliseconds until the list is asked again; `false`: nothing is expected. */
export function listInterval(
  rows: readonly Delivery[],
  watchUntil: number,
  now: number,
): number | false {
  const young = (row: Delivery) => now - Date.parse(row.created_at) < YOUNG;
  const waits = rows.some((row) => isUnderWay(row.state) && (young(row) || now < watchUntil));
  return waits ? 2_000 : false;
}

/** The moment at which a row came or was answered last. */
function lastChange(rows: readonly Delivery[]): string | undefined {
  const moments = rows.flatMap((row) => [row.created_at, row.last?.at ?? row.created_at]);
  const newest = Math.max(...moments.map((moment) => Date.parse(moment)));
  return Number.isFinite(newest) ? new Date(newest).toISOString() : undefined;
}

/**
 * The list of deliveries, its totals, and what keeps both true after an action of the reader. A live list is never
 * asked again by itself: `useLive` brings what is new without moving what is read.
 */
export function useDeliveries(filter: DeliveryFilter, live: boolean) {
  const client = useClient();
  const { time_zone: zone } = useWorkspace();
  const queries = useQueryClient();
  const [watchUntil, setWatchUntil] = useState(0);
  const options = useMemo(() => deliveriesQuery(client, zone, filter), [client, zone, filter]);
  const query = useInfiniteQuery({
    ...options,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: !live,
    refetchInterval: ({ state }) => {
      if (live) return false;
      const rows = state.data?.pages.flatMap((page) => page.items) ?? [];
      return listInterval(rows, watchUntil, Date.now());
    },
  });
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const updatedAt = query.dataUpdatedAt;

  // A cursor that is no longer taken means that the list starts again, quietly.
  const cursorRefused = isProblem(query.error) && query.error.code === "bad_cursor";
  useEffect(() => {
    if (cursorRefused) void queries.resetQueries({ queryKey: options.queryKey });
  }, [cursorRefused, queries, options.queryKey]);

  const again = useCallback(
    () => void queries.invalidateQueries({ queryKey: deliveriesKey(client) }),
    [queries, client],
  );
  const first = query.data?.pages[0];
  const { catching, act } = useCatchUp(
    { rows: items.length, count: first?.count, newest: lastChange(items), readAt: updatedAt },
    { live, again },
  );

  /** Called after an action of the reader: rows and totals follow. */
  const touched = useCallback(() => {
    setWatchUntil(Date.now() + WATCHED);
    act();
    again();
    void queries.invalidateQueries({ queryKey: [client.workspace, "delivery"] });
  }, [act, again, queries, client]);

  return {
    key: options.queryKey,
    items,
    pages: query.data?.pages ?? NO_PAGES,
    updatedAt,
    count: first?.count,
    totals: first?.totals,
    query,
    stale: query.isPlaceholderData,
    catching,
    touched,
  };
}

export type DeliveryListState = ReturnType<typeof useDeliveries>;
