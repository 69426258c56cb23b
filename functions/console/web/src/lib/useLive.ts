import { type InfiniteData, type QueryKey, useQuery, useQueryClient } from "@tanstack/react-query";
import { type RefObject, useCallback, useEffect, useMemo, useState } from "react";
import { useWorkspace } from "../api/context.tsx";
import { say } from "../ui/toasts.ts";
import { useWords } from "../words/index.ts";
import { type At, type News, newsOf, type Page, type Row, withNews } from "./live.ts";
import { instants } from "./period.ts";
import { useIdle } from "./useIdle.ts";

const EVERY = 3_000;
const MARKED = 4_000;
/** Milliseconds without a key or a pointer after which the view is no longer live. */
const UNTIL_IDLE = 60 * 60_000;
/** Pixels that still count as the top of the list. */
const TOP = 40;

interface Live<R extends Row, P extends Page<R>> {
  on: boolean;
  /** The newest page of the list's filter. */
  head: { queryKey: QueryKey; queryFn: (context: { signal: AbortSignal }) => Promise<P> };
  list: { key: QueryKey; pages: readonly P[]; updatedAt: number; stale: boolean };
  at: At<R>;
  /** The list: while a row of it is read, nothing moves. */
  place: RefObject<HTMLElement | null>;
  reading: boolean;
  /** Nobody was there for an hour. */
  onIdle: () => void;
}

const NONE: ReadonlySet<string> = new Set();

/** Rows as they come. They slide in only where nobody reads; else they wait behind a button. */
export function useLive<R extends Row, P extends Page<R>>(live: Live<R, P>) {
  const { on, list, at, place, reading } = live;
  const queries = useQueryClient();
  const [marked, setMarked] = useState(NONE);
  const { data, dataUpdatedAt } = useQuery({
    ...live.head,
    gcTime: 0,
    enabled: on && !list.stale,
    refetchInterval: EVERY,
  });
  useIdleEnd(on, live.onIdle);
  const { key, pages, updatedAt } = list;
  // An answer from before the list's own is no news.
  const head = on && data && dataUpdatedAt >= updatedAt ? data : undefined;
  const news = useMemo(() => (head ? newsOf(pages, head, at) : null), [head, pages, at]);

  const apply = useCallback(
    (what: News<R>, newest: P) => {
      queries.setQueryData<InfiniteData<P, unknown>>(
        key,
        (before) => {
          if (!before) return before;
          // Between the newest page and the list rows are missing: the list begins again with that page.
          if (what.gap && what.fresh.length > 0) return { pages: [newest], pageParams: [null] };
          return { ...before, pages: withNews(before.pages, what, newest, at) };
        },
        { updatedAt: dataUpdatedAt },
      );
      if (what.fresh.length > 0) setMarked(new Set(what.fresh.map((row) => row.id)));
    },
    [queries, key, at, dataUpdatedAt],
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
    if (!still && news.fresh.length + news.changed.size + news.gone.size > 0) apply(news, head);
    else if (news.changed.size > 0) apply({ ...news, fresh: [], gone: new Set() }, head);
  }, [news, head, dataUpdatedAt, reading, place, apply]);

  /** Shows the rows that wait. */
  const show = useCallback(() => {
    window.scrollTo({ top: 0 });
    if (news && head) apply(news, head);
  }, [news, head, apply]);

  return {
    waiting: news?.fresh.length ?? 0,
    /** More wait than are counted. */
    more: news?.gap ?? false,
    /** The newest page, whose counters go on while rows wait. */
    head: on ? data : undefined,
    marked,
    show,
  };
}

function useIdleEnd(on: boolean, onIdle: () => void): void {
  const { parts } = useWords();
  const end = useCallback(() => {
    onIdle();
    say({ text: parts.live.off });
  }, [onIdle, parts]);
  useIdle(on, UNTIL_IDLE, end);
}

/** The pointer or the focus is in the rows. */
function isUsed(place: HTMLElement | null): boolean {
  const body = place?.querySelector("tbody");
  return body ? body.matches(":hover") || body.contains(document.activeElement) : false;
}

/** Nothing new can come where the period has an end, and that end is over. */
export function useEnded(to: string | undefined): boolean {
  const { time_zone: zone } = useWorkspace();
  return endsInThePast(to, Date.now(), zone);
}

function endsInThePast(to: string | undefined, now: number, zone: string): boolean {
  if (to === undefined) return false;
  const end = instants({ to }, now, zone).to;
  return end !== null && end < now;
}
