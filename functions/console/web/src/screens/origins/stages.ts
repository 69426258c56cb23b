/** A stage in a form: with an id where it exists, and a key that stays while the reader edits. */
export interface StageDraft {
  key: string;
  id?: string;
  name: string;
}

let made = 0;

export function draftOf(name: string, id?: string): StageDraft {
  made += 1;
  return { key: `stage-${made}`, name, ...(id === undefined ? {} : { id }) };
}

/** The list with one item moved by some places; it stays inside the list. */
export function moved<T>(list: readonly T[], from: number, by: number): T[] {
  const to = Math.min(list.length - 1, Math.max(0, from + by));
  const item = list[from];
  if (item === undefined || to === from) return [...list];
  const rest = list.filter((_, index) => index !== from);
  return [...rest.slice(0, to), item, ...rest.slice(to)];
}

/** The stages as the API takes them: kept ones by their id, new ones by their name alone; empty ones are left out. */
export function stagesOf(drafts: readonly StageDraft[]): { id?: string; name: string }[] {
  return drafts
    .map(({ id, name }) => ({ ...(id === undefined ? {} : { id }), name: name.trim() }))
    .filter((stage) => stage.name !== "" || stage.id !== undefined);
}
