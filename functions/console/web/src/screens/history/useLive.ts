import { type InfiniteData, useQuery, useQueryClient } from "@tanstack/react-query";
import { type RefObject, useCallback, useEffect, useMemo, useState } from "react";
import { useClient, useWorkspace } from "../../api/context.tsx";
import { headQuery, type LoadedPage, type WebhookFilter } from "../../api/history.ts";
import { type News, newsOf, withNews } from "./live.ts";
import type { HistoryList } from "./useHistory.ts";

const EVERY = 3_000;
const MARKED = 4_000;
/** Pixels that still count as the top of the list. */
const TOP = 40;

interface Live {
  on: boolean;
  origin: string;
  filter: WebhookFilter;
  list: HistoryList;
  /** The list: while a row of it is read, nothing moves. */
  place: RefObject<HTMLElement | null>;
  reading: boolean;
}

const NONE: ReadonlySet<string> = new Set();

/** Rows as they come. They slide in only where nobody reads; else they wait behind a button. */
export function useLive({ on, origin, filter, list, place, reading }: Live) {
  const client = useClient();
  const { time_zone: zone } = useWorkspace();
  const queries = useQueryClient();
  const [marked, setMarked] = useState(NONE);
  const { data: head, dataUpdatedAt } = useQuery({
    ...headQuery({ client, origin, zone }, filter),
    enabled: on && !list.stale,
    refetchInterval: EVERY,
  });
  const { items, key } = list;
  const news = useMemo(() => (on && head ? newsOf(items, head.items) : null), [on, head, items]);

  const apply = useCallback(
    (what: News, count: number) => {
      queries.setQueryData<InfiniteData<LoadedPage, unknown>>(key, (data) =>
        data ? { ...data, pages: withNews(data.pages, what, count) } : data,
      );
      if (what.fresh.length > 0) setMarked(new Set(what.fresh.map((row) => row.id)));
    },
    [queries, key],
  );

  useEffect(() => {
    if (marked.size === 0) return;
    const timer = window.setTimeout(() => setMarked(NONE), MARKED);
    return () => window.clearTimeout(timer);
  }, [marked]);

  // Each answer looks again, even an equal one: the pointer can have left the rows meanwhile.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the time of the answer is the reason to look
  useEffect(() => {
    if (!news || !head) return;
    const still = reading || window.scrollY > TOP || isUsed(place.current);
    if (!news.gap && news.fresh.length > 0 && !still) apply(news, head.count);
    else if (news.changed.size > 0) apply({ ...news, fresh: [] }, head.count);
  }, [news, head, dataUpdatedAt, reading, place, apply]);

  /** Shows the rows that wait. */
  const show = useCallback(() => {
    window.scrollTo({ top: 0 });
    if (!news || !head) return;
    if (news.gap) void queries.resetQueries({ queryKey: key });
    else apply(news, head.count);
  }, [news, head, queries, key, apply]);

  return { waiting: news?.fresh.length ?? 0, count: on ? head?.count : undefined, marked, show };
}

/** The pointer or the focus is in the rows. */
function isUsed(place: HTMLElement | null): boolean {
  const body = place?.querySelector("tbody");
  return body ? body.matches(":hover") || body.contains(document.activeElement) : false;
}
