import { type JsonIndex, Kind, NO_KEY, stringEnd } from "./jsonIndex.ts";

/** A text and the index that was made of it. */
export interface JsonDocument {
  readonly text: string;
  readonly index: JsonIndex;
}

export function kindOf(json: JsonDocument, node: number): Kind {
  const kind = json.index.kind[node];
  if (kind === undefined || kind > Kind.null) throw new RangeError(`no node ${node}`);
  return kind as Kind;
}

export function isContainer(json: JsonDocument, node: number): boolean {
  return kindOf(json, node) <= Kind.list;
}

export function childCount(json: JsonDocument, node: number): number {
  return json.index.count[node] ?? 0;
}

export function depthOf(json: JsonDocument, node: number): number {
  return json.index.depth[node] ?? 0;
}

/** The node after `node` and everything in it. */
export function after(json: JsonDocument, node: number): number {
  return json.index.next[node] ?? json.index.size;
}

/** The direct children of a node, in the order of the text. */
export function* children(json: JsonDocument, node: number): Generator<number> {
  const end = after(json, node);
  for (let child = node + 1; child < end; child = after(json, child)) yield child;
}

/** The text of a value as it stands. */
export function sliceOf(
  json: JsonDocument,
  node: number,
  limit = Number.POSITIVE_INFINITY,
): string {
  const start = json.index.start[node] ?? 0;
  const end = json.index.end[node] ?? 0;
  return json.text.slice(start, Math.min(end, start + limit));
}

export function lengthOf(json: JsonDocument, node: number): number {
  return (json.index.end[node] ?? 0) - (json.index.start[node] ?? 0);
}

/** The key as it stands in the text, quotes included; `undefined` for the root and items of lists. */
export function rawKey(json: JsonDocument, node: number): string | undefined {
  const at = json.index.key[node] ?? NO_KEY;
  return at === NO_KEY ? undefined : json.text.slice(at, stringEnd(json.text, at));
}

export function keyOf(json: JsonDocument, node: number): string | undefined {
  const raw = rawKey(json, node);
  return raw === undefined ? undefined : unquote(raw);
}

/** The text that a JSON string stands for. */
export function unquote(raw: string): string {
  if (!raw.includes("\\")) return raw.slice(1, -1);
  const value: unknown = JSON.parse(raw);
  return typeof value === "string" ? value : raw;
}

/** The value of a scalar as text: of a string what it stands for, of everything else what stands there. */
export function scalarText(json: JsonDocument, node: number): string {
  const raw = sliceOf(json, node);
  return kindOf(json, node) === Kind.string ? unquote(raw) : raw;
}

/** The containers around a node, the root first. */
export function ancestors(json: JsonDocument, node: number): number[] {
  const found: number[] = [];
  let at = 0;
  while (at < node) {
    found.push(at);
    let child = at + 1;
    while (after(json, child) <= node) child = after(json, child);
    at = child;
  }
  return found;
}

/** The innermost node at a place of the text: the value, or the value of the key that stands there. */
export function nodeAt(json: JsonDocument, place: number): number {
  const { start, end, key, size } = json.index;
  let low = 0;
  let high = size - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    const begin = key[middle] === NO_KEY ? start[middle] : key[middle];
    if ((begin ?? 0) <= place) low = middle;
    else high = middle - 1;
  }
  if (place < (end[low] ?? 0)) return low;
  // The place is in a container behind its last child.
  const around = ancestors(json, low);
  return around.findLast((node) => place < (end[node] ?? 0)) ?? 0;
}

/** The children whose key another child of the same object has too. */
export function repeatedKeys(json: JsonDocument, node: number): ReadonlySet<number> {
  const seen = new Map<string, number>();
  const repeated = new Set<number>();
  if (kindOf(json, node) !== Kind.object) return repeated;
  for (const child of children(json, node)) {
    const key = keyOf(json, child) ?? "";
    const before = seen.get(key);
    if (before !== undefined) {
      repeated.add(before);
      repeated.add(child);
    }
    seen.set(key, child);
  }
  return repeated;
}

/** The value with line breaks and two spaces a level, made of slices: every scalar stays as it stands. */
export function formatJson(json: JsonDocument, root = 0): string {
  const parts: string[] = [];
  const end = after(json, root);
  const base = depthOf(json, root);
  const open: number[] = [];
  const indent = (level: number) => `\n${"  ".repeat(level)}`;
  for (let node = root; node < end; node += 1) {
    while (open.length > 0 && after(json, open.at(-1) ?? 0) <= node) {
      const closed = open.pop() ?? 0;
      parts.push(indent(depthOf(json, closed) - base), closing(json, closed));
    }
    if (node > root) {
      const parent = open.at(-1);
      if (parent !== undefined && node !== parent + 1) parts.push(",");
      parts.push(indent(depthOf(json, node) - base));
      const key = rawKey(json, node);
      if (key !== undefined) parts.push(key, ": ");
    }
    if (!isContainer(json, node)) parts.push(sliceOf(json, node));
    else if (childCount(json, node) === 0)
      parts.push(kindOf(json, node) === Kind.object ? "{}" : "[]");
    else {
      parts.push(kindOf(json, node) === Kind.object ? "{" : "[");
      open.push(node);
    }
  }
  for (let closed = open.pop(); closed !== undefined; closed = open.pop()) {
    parts.push(indent(depthOf(json, closed) - base), closing(json, closed));
  }
  return parts.join("");
}

function closing(json: JsonDocument, node: number): string {
  return kindOf(json, node) === Kind.object ? "}" : "]";
}
