import { keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useClient, useWorkspace } from "../../api/context.tsx";
import {
  type LoadedPage,
  type WebhookFilter,
  webhooksKey,
  webhooksQuery,
} from "../../api/history.ts";
import { isProblem } from "../../api/problem.ts";
import { useCatchUp } from "../../lib/useCatchUp.ts";
import { pendingInterval, WATCHED } from "./pending.ts";

const NO_PAGES: readonly LoadedPage[] = [];

/**
 * The list of the history, its counter, and what keeps both true after an action of the reader. A live list is never
 * asked again by itself: `useLive` brings what is new without moving what is read.
 */
export function useHistory(origin: string, filter: WebhookFilter, live: boolean) {
  const client = useClient();
  const { time_zone: zone } = useWorkspace();
  const queries = useQueryClient();
  const [watchUntil, setWatchUntil] = useState(0);
  const options = useMemo(
    () => webhooksQuery({ client, origin, zone }, filter),
    [client, origin, zone, filter],
  );
  const query = useInfiniteQuery({
    ...options,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: !live,
    refetchInterval: ({ state }) =>
      !live &&
      pendingInterval(state.data?.pages.flatMap((p) => p.items) ?? [], watchUntil, Date.now()),
  });
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const updatedAt = query.dataUpdatedAt;

  // A cursor that is no longer taken means that the list starts again, quietly.
  const cursorRefused = isProblem(query.error) && query.error.code === "bad_cursor";
  useEffect(() => {
    if (cursorRefused) void queries.resetQueries({ queryKey: options.queryKey });
  }, [cursorRefused, queries, options.queryKey]);

  const again = useCallback(
    () => void queries.invalidateQueries({ queryKey: webhooksKey(client, origin) }),
    [queries, client, origin],
  );
  const count = query.data?.pages[0]?.count;
  const { catching, act } = useCatchUp(
    { rows: items.length, count, newest: items[0]?.received_at, readAt: updatedAt },
    { live, again },
  );

  /** Called after an action of the reader: rows and counter follow. */
  const touched = useCallback(() => {
    setWatchUntil(Date.now() + WATCHED);
    act();
    again();
  }, [act, again]);

  return {
    key: options.queryKey,
    items,
    pages: query.data?.pages ?? NO_PAGES,
    updatedAt,
    count,
    query,
    stale: query.isPlaceholderData,
    catching,
    touched,
  };
}

export type HistoryList = ReturnType<typeof useHistory>;
