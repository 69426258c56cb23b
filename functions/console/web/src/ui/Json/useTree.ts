import { useCallback, useEffect, useMemo, useReducer } from "react";
import { follow, parsePath } from "../../lib/jsonPath.ts";
import {
  canOpen,
  closeRow,
  firstRows,
  openRow,
  openSiblings,
  parentOf,
  type Rows,
  reveal,
  rowId,
} from "../../lib/jsonRows.ts";
import { type JsonDocument, keyOf } from "../../lib/jsonTree.ts";

export interface Tree {
  /** The document to whose nodes the rows belong. */
  readonly json: JsonDocument;
  readonly rows: Rows;
  /** The row that has the focus. */
  readonly active: number;
}

type Change =
  | { readonly kind: "begin"; readonly json: JsonDocument; readonly node: number | undefined }
  | { readonly kind: "reveal"; readonly json: JsonDocument; readonly node: number }
  | { readonly kind: "toggle"; readonly json: JsonDocument; readonly at: number }
  | { readonly kind: "siblings"; readonly json: JsonDocument }
  | { readonly kind: "move"; readonly to: number };

function begin(json: JsonDocument, node: number | undefined): Tree {
  const rows = firstRows(json);
  if (node === undefined) return { json, rows, active: 0 };
  const shown = reveal(json, rows, node);
  return { json, rows: shown.rows, active: shown.at };
}

function change(tree: Tree, by: Change): Tree {
  switch (by.kind) {
    case "begin":
      return begin(by.json, by.node);
    case "reveal": {
      const { rows, at } = reveal(by.json, tree.rows, by.node);
      return { json: by.json, rows, active: at };
    }
    case "toggle": {
      const row = tree.rows.list[by.at];
      if (row === undefined) return tree;
      const isOpen = tree.rows.open.has(rowId(row));
      const rows = isOpen ? closeRow(tree.rows, by.at) : openRow(by.json, tree.rows, by.at);
      return { json: by.json, rows, active: by.at };
    }
    case "siblings": {
      const row = tree.rows.list[tree.active];
      if (row === undefined) return tree;
      const rows = openSiblings(by.json, tree.rows, tree.active);
      return { ...tree, rows, active: rows.list.findIndex((one) => rowId(one) === rowId(row)) };
    }
    case "move":
      return { ...tree, active: Math.max(0, Math.min(tree.rows.list.length - 1, by.to)) };
  }
}

/** The node of a path; `undefined` without one, or where nothing is found. */
export function nodeOf(json: JsonDocument, path: string | undefined): number | undefined {
  const segments = path === undefined ? undefined : parsePath(path);
  return segments === undefined ? undefined : follow(json, segments, 1)[0];
}

/** The state of an opened tree: its rows and the row with the focus. It begins at `path`, and follows its changes. */
export function useTree(json: JsonDocument, path: string | undefined) {
  const [last, dispatch] = useReducer(change, undefined, () => begin(json, nodeOf(json, path)));
  // Until the effect has run, the rows are those of the document before.
  const tree = useMemo(
    () => (last.json === json ? last : begin(json, nodeOf(json, path))),
    [last, json, path],
  );
  useEffect(() => dispatch({ kind: "begin", json, node: nodeOf(json, path) }), [json, path]);
  const move = useCallback((to: number) => dispatch({ kind: "move", to }), []);
  const toggle = useCallback((at: number) => dispatch({ kind: "toggle", json, at }), [json]);
  const show = useCallback((node: number) => dispatch({ kind: "reveal", json, node }), [json]);
  const siblings = useCallback(() => dispatch({ kind: "siblings", json }), [json]);
  return { tree, move, toggle, show, siblings };
}

export type TreeControl = ReturnType<typeof useTree>;

/** Does what a key does in the tree pattern; says whether the key had a meaning. */
export function pressKey(
  json: JsonDocument,
  control: TreeControl,
  key: string,
  page: number,
): boolean {
  const { tree, move, toggle } = control;
  const row = tree.rows.list[tree.active];
  if (row === undefined) return false;
  const isOpen = tree.rows.open.has(rowId(row));
  switch (key) {
    case "ArrowDown":
      move(tree.active + 1);
      return true;
    case "ArrowUp":
      move(tree.active - 1);
      return true;
    case "PageDown":
      move(tree.active + page);
      return true;
    case "PageUp":
      move(tree.active - page);
      return true;
    case "Home":
      move(0);
      return true;
    case "End":
      move(tree.rows.list.length - 1);
      return true;
    case "ArrowRight":
      if (isOpen) move(tree.active + 1);
      else if (canOpen(json, row)) toggle(tree.active);
      return true;
    case "ArrowLeft":
      if (isOpen) toggle(tree.active);
      else move(Math.max(0, parentOf(tree.rows, tree.active)));
      return true;
    case "*":
      control.siblings();
      return true;
    default:
      return false;
  }
}

/** The next row, after the one with the focus, whose key begins with what was typed. */
export function typedAhead(json: JsonDocument, tree: Tree, typed: string): number | undefined {
  const { list } = tree.rows;
  const wanted = typed.toLocaleLowerCase();
  const from = typed.length > 1 ? tree.active : tree.active + 1;
  for (let i = 0; i < list.length; i += 1) {
    const at = (from + i) % list.length;
    const row = list[at];
    if (row === undefined || row.block !== undefined) continue;
    if (keyOf(json, row.node)?.toLocaleLowerCase().startsWith(wanted)) return at;
  }
  return undefined;
}
