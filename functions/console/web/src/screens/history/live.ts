import type { Webhook } from "../../api/history.ts";

/** The difference between the newest rows and the list on the screen. */
export interface News {
  /** Rows that the list does not have, newest first. */
  fresh: Webhook[];
  /** Rows that the list has and that changed. */
  changed: Map<string, Webhook>;
  /** More came than one page holds: between the new rows and the old ones some are missing. */
  gap: boolean;
}

/** Compares the list with the newest page of the same filter. */
export function newsOf(list: readonly Webhook[], head: readonly Webhook[]): News {
  const known = new Map(list.map((row) => [row.id, row]));
  const newest = list[0];
  const fresh = head.filter((row) => !known.has(row.id) && (!newest || isNewer(row, newest)));
  const changed = new Map<string, Webhook>();
  for (const row of head) {
    const before = known.get(row.id);
    if (before && differs(before, row)) changed.set(row.id, row);
  }
  const gap = newest !== undefined && head.length > 0 && fresh.length === head.length;
  return { fresh, changed, gap };
}

function isNewer(row: Webhook, than: Webhook): boolean {
  return row.received_at === than.received_at
    ? row.id > than.id
    : row.received_at > than.received_at;
}

function differs(a: Webhook, b: Webhook): boolean {
  return JSON.stringify(a) !== JSON.stringify(b);
}

interface Page {
  items: Webhook[];
  count: number;
}

/** The pages of a list with the new rows on top of the first and the changed ones in place. */
export function withNews<P extends Page>(pages: readonly P[], news: News, count: number): P[] {
  return pages.map((page, index) => {
    const kept = page.items.map((row) => news.changed.get(row.id) ?? row);
    return { ...page, count, items: index === 0 ? [...news.fresh, ...kept] : kept };
  });
}
