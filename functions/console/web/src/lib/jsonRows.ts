import { after, ancestors, childCount, isContainer, type JsonDocument } from "./jsonTree.ts";

/** Lists and objects with more children than this are shown in blocks of as many. */
export const BLOCK = 1_000;

/** With more rows than this the second level stays closed at first. */
const ROWS_AT_FIRST = 2_000;

/** One row of the tree as it is unfolded: a value, or a block of a long list's children. */
export interface Row {
  readonly node: number;
  /** Of a block: the places of its first child and of the one after its last. */
  readonly block?: readonly [number, number];
  /** The level in the tree, from 1; blocks count as one. */
  readonly level: number;
  /** The place among the siblings, from 1, and their number. */
  readonly place: number;
  readonly siblings: number;
  /** The place in the list, from 0. */
  readonly position: number;
}

/** The rows of a tree, changed by opening and closing. Immutable: each change gives another. */
export interface Rows {
  readonly list: readonly Row[];
  readonly open: ReadonlySet<string>;
}

export function rowId(row: Pick<Row, "node" | "block">): string {
  return row.block === undefined ? String(row.node) : `${row.node}:${row.block[0]}`;
}

export function canOpen(json: JsonDocument, row: Row): boolean {
  return row.block !== undefined || (isContainer(json, row.node) && childCount(json, row.node) > 0);
}

/** The tree as it is shown first: the root and, where it is not long, its children are open. */
export function firstRows(json: JsonDocument): Rows {
  const root: Row = { node: 0, level: 1, place: 1, siblings: 1, position: 0 };
  let rows: Rows = { list: [root], open: new Set() };
  if (!canOpen(json, root)) return rows;
  rows = openRow(json, rows, 0);
  let expected = rows.list.length;
  const second: number[] = [];
  for (const [i, row] of rows.list.entries()) {
    if (row.level !== 2 || row.block !== undefined || !canOpen(json, row)) continue;
    expected += Math.min(childCount(json, row.node), BLOCK);
    second.push(i);
  }
  if (expected > ROWS_AT_FIRST) return rows;
  for (const i of second.reverse()) rows = openRow(json, rows, i);
  return rows;
}

/** The rows under a row that is being opened; what was open below opens again. */
function below(json: JsonDocument, row: Row, open: ReadonlySet<string>): Row[] {
  const made: Row[] = [];
  const level = row.level + 1;
  if (row.block === undefined && childCount(json, row.node) > BLOCK) {
    const count = childCount(json, row.node);
    const siblings = Math.ceil(count / BLOCK);
    for (let i = 0; i < siblings; i += 1) {
      const from = i * BLOCK;
      const block = [from, Math.min(count, from + BLOCK)] as const;
      made.push({ node: row.node, block, level, place: i + 1, siblings, position: from });
    }
  } else {
    const [from, to] = row.block ?? [0, childCount(json, row.node)];
    let child = childAt(json, row.node, from);
    for (let position = from; position < to; position += 1) {
      made.push({ node: child, level, place: position - from + 1, siblings: to - from, position });
      child = after(json, child);
    }
  }
  if (open.size === 0) return made;
  return made.flatMap((one) =>
    open.has(rowId(one)) && canOpen(json, one) ? [one, ...below(json, one, open)] : [one],
  );
}

/** The child at a place, found by passing over its siblings. */
function childAt(json: JsonDocument, node: number, position: number): number {
  let child = node + 1;
  for (let i = 0; i < position; i += 1) child = after(json, child);
  return child;
}

export function openRow(json: JsonDocument, rows: Rows, at: number): Rows {
  const row = rows.list[at];
  if (row === undefined || rows.open.has(rowId(row)) || !canOpen(json, row)) return rows;
  const open = new Set(rows.open).add(rowId(row));
  const list = [
    ...rows.list.slice(0, at + 1),
    ...below(json, row, open),
    ...rows.list.slice(at + 1),
  ];
  return { list, open };
}

export function closeRow(rows: Rows, at: number): Rows {
  const row = rows.list[at];
  if (row === undefined || !rows.open.has(rowId(row))) return rows;
  const open = new Set(rows.open);
  open.delete(rowId(row));
  let end = at + 1;
  while ((rows.list[end]?.level ?? 0) > row.level) end += 1;
  return { list: [...rows.list.slice(0, at + 1), ...rows.list.slice(end)], open };
}

/** Opens a row and its siblings, as `*` of the tree pattern does; at most a block of them. */
export function openSiblings(json: JsonDocument, rows: Rows, at: number): Rows {
  const row = rows.list[at];
  if (row === undefined) return rows;
  const parent = parentOf(rows, at);
  const first = parent < 0 ? 0 : parent + 1;
  const found: number[] = [];
  for (let i = first; i < rows.list.length; i += 1) {
    const level = rows.list[i]?.level ?? 0;
    if (level < row.level) break;
    if (level === row.level) found.push(i);
    if (found.length >= BLOCK) break;
  }
  let opened = rows;
  for (const i of found.reverse()) opened = openRow(json, opened, i);
  return opened;
}

/** The place of a row's parent; -1 for the root. */
export function parentOf(rows: Rows, at: number): number {
  const level = rows.list[at]?.level ?? 0;
  for (let i = at - 1; i >= 0; i -= 1) if ((rows.list[i]?.level ?? 0) < level) return i;
  return -1;
}

/** Opens everything that hides a node, and says in which row it stands. */
export function reveal(json: JsonDocument, rows: Rows, node: number): { rows: Rows; at: number } {
  const around = ancestors(json, node);
  const way = [...around, node];
  let shown = rows;
  let at = 0;
  for (const [i, container] of around.entries()) {
    const child = way[i + 1] ?? node;
    shown = openRow(json, shown, at);
    if (childCount(json, container) > BLOCK) {
      at = find(shown, at, (row) => row.block !== undefined && holds(json, row, child));
      shown = openRow(json, shown, at);
    }
    at = find(shown, at, (row) => row.block === undefined && row.node === child);
  }
  return { rows: shown, at };
}

function find(rows: Rows, from: number, matches: (row: Row) => boolean): number {
  for (let i = from + 1; i < rows.list.length; i += 1) {
    const row = rows.list[i];
    if (row !== undefined && matches(row)) return i;
  }
  return from;
}

function holds(json: JsonDocument, row: Row, child: number): boolean {
  const [from, to] = row.block ?? [0, 0];
  const first = childAt(json, row.node, from);
  if (child < first) return false;
  let end = first;
  for (let i = from; i < to; i += 1) end = after(json, end);
  return child < end;
}
