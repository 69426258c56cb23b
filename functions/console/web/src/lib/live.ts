/** A row of a list whose newest rows come first. */
export interface Row {
  id: string;
}

/** A page of such a list: rows, what is known of all of them, and where the next page begins. */
export interface Page<R extends Row> {
  items: R[];
  count: number;
  next: string | null;
  parameters: unknown;
}

/** The moment of a row by which the list is sorted; rows of one moment are sorted by id. */
export type At<R> = (row: R) => string;

/** The difference between the newest rows and the list on the screen. */
export interface News<R extends Row> {
  /** Rows that the list does not have. */
  fresh: R[];
  /** Rows that the list has and that changed. */
  changed: Map<string, R>;
  /** Rows of the list that no longer match its filter. */
  gone: Set<string>;
  /** More came than one page holds: between the new rows and the old ones some are missing. */
  gap: boolean;
}

/** Compares the list with the newest page of the same filter, which is not older than the list. */
export function newsOf<R extends Row>(
  pages: readonly Page<R>[],
  head: Page<R>,
  at: At<R>,
): News<R> {
  const list = pages.flatMap((page) => page.items);
  const known = new Map(list.map((row) => [row.id, row]));
  const [newest, oldest] = [list[0], list.at(-1)];
  const whole = (pages.at(-1)?.next ?? null) === null;
  // What lies below the last row that is loaded comes with the next page.
  const inReach = (row: R) => whole || !oldest || isAbove(row, oldest, at);
  const fresh = head.items.filter((row) => !known.has(row.id) && inReach(row));
  const changed = new Map<string, R>();
  for (const row of head.items) {
    const before = known.get(row.id);
    if (before && JSON.stringify(before) !== JSON.stringify(row)) changed.set(row.id, row);
  }
  const last = head.items.at(-1);
  const cut = head.next !== null && last !== undefined;
  const gap = cut && newest !== undefined && isAbove(last, newest, at);
  const shown = new Set(head.items.map((row) => row.id));
  const covered = (row: R) => !cut || isAbove(row, last, at);
  const gone = list.filter((row) => !shown.has(row.id) && covered(row)).map((row) => row.id);
  return { fresh, changed, gone: new Set(gap ? [] : gone), gap };
}

function isAbove<R extends Row>(row: R, than: R, at: At<R>): boolean {
  // As texts, `36.41Z` would stand above `36.412Z`.
  const apart = Date.parse(at(row)) - Date.parse(at(than));
  return apart === 0 ? row.id > than.id : apart > 0;
}

/** The pages of a list with the changed rows in place, the new ones where they belong, the gone ones left out. */
export function withNews<R extends Row, P extends Page<R>>(
  pages: readonly P[],
  news: News<R>,
  head: P,
  at: At<R>,
): P[] {
  let waiting = news.fresh;
  return pages.map((page, index) => {
    const last = index === pages.length - 1;
    const end = page.items.at(-1);
    const here = waiting.filter((row) => last || !end || isAbove(row, end, at));
    waiting = waiting.filter((row) => !here.includes(row));
    const kept = page.items
      .filter((row) => !news.gone.has(row.id))
      .map((row) => news.changed.get(row.id) ?? row);
    const items = [...here, ...kept].sort((a, b) => (isAbove(a, b, at) ? -1 : 1));
    const { next, parameters } = page;
    return index === 0 ? { ...head, next, parameters, items } : { ...page, items };
  });
}
