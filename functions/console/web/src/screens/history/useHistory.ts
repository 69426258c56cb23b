import { keepPreviousData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useClient, useWorkspace } from "../../api/context.tsx";
import { type WebhookFilter, webhooksKey, webhooksQuery } from "../../api/history.ts";
import { isProblem } from "../../api/problem.ts";
import { pendingInterval, WATCHED } from "./pending.ts";

const CATCHES_UP = 6_000;

/** The list of the history, its counter, and what keeps both true after an action of the reader. */
export function useHistory(origin: string, filter: WebhookFilter) {
  const client = useClient();
  const { time_zone: zone } = useWorkspace();
  const queries = useQueryClient();
  const [watchUntil, setWatchUntil] = useState(0);
  const [catching, setCatching] = useState(false);
  const options = useMemo(
    () => webhooksQuery({ client, origin, zone }, filter),
    [client, origin, zone, filter],
  );
  const query = useInfiniteQuery({
    ...options,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      pendingInterval(state.data?.pages.flatMap((p) => p.items) ?? [], watchUntil, Date.now()),
  });
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  // The rows are there before the counters have seen them.
  const behind = items.length > (query.data?.pages[0]?.count ?? items.length);
  const updatedAt = query.dataUpdatedAt;

  // A cursor that is no longer taken means that the list starts again, quietly.
  const cursorRefused = isProblem(query.error) && query.error.code === "bad_cursor";
  useEffect(() => {
    if (cursorRefused) void queries.resetQueries({ queryKey: options.queryKey });
  }, [cursorRefused, queries, options.queryKey]);

  useEffect(() => {
    if (updatedAt === 0 || !(catching || behind)) return;
    const timer = window.setTimeout(() => {
      setCatching(false);
      void queries.invalidateQueries({ queryKey: webhooksKey(client, origin) });
    }, CATCHES_UP);
    return () => window.clearTimeout(timer);
  }, [catching, behind, updatedAt, queries, client, origin]);

  /** Called after an action of the reader: rows and counter follow. */
  const touched = useCallback(() => {
    setWatchUntil(Date.now() + WATCHED);
    setCatching(true);
    void queries.invalidateQueries({ queryKey: webhooksKey(client, origin) });
  }, [queries, client, origin]);

  return {
    key: options.queryKey,
    items,
    count: query.data?.pages[0]?.count,
    query,
    stale: query.isPlaceholderData,
    catching: catching || behind,
    touched,
  };
}

export type HistoryList = ReturnType<typeof useHistory>;
