import { Kind } from "./jsonIndex.ts";
import {
  after,
  ancestors,
  childCount,
  children,
  type JsonDocument,
  keyOf,
  kindOf,
  scalarText,
} from "./jsonTree.ts";

/** One step of a path (RFC 9535, the part of it that the console writes and follows by itself). */
export type Segment =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "all" }
  | { readonly kind: "where"; readonly name: string; readonly equals: string };

const SHORTHAND = /^[A-Za-z_\u0080-\u{10ffff}][A-Za-z0-9_\u0080-\u{10ffff}]*$/u;

/** A key in single quotes, as normalised paths write it (RFC 9535, 2.7). */
function quoted(text: string): string {
  let made = "'";
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (char === "'" || char === "\\") made += `\\${char}`;
    else if (char === "\n") made += "\\n";
    else if (char === "\r") made += "\\r";
    else if (char === "\t") made += "\\t";
    // A half of a pair cannot stand in a text that is sent as UTF-8.
    else if (code < 32 || (code >= 0xd800 && code <= 0xdfff)) {
      made += `\\u${code.toString(16).padStart(4, "0")}`;
    } else made += char;
  }
  return `${made}'`;
}

function member(name: string): string {
  return SHORTHAND.test(name) && name.isWellFormed() ? `.${name}` : `[${quoted(name)}]`;
}

export function writePath(segments: readonly Segment[]): string {
  return `$${segments.map(writeSegment).join("")}`;
}

function writeSegment(segment: Segment): string {
  switch (segment.kind) {
    case "name":
      return member(segment.name);
    case "index":
      return `[${segment.index}]`;
    case "all":
      return "[*]";
    case "where":
      return `[?@${member(segment.name)}==${quoted(segment.equals)}]`;
  }
}

/** The steps from the root to a node. Of repeated keys the path finds the last. */
export function segmentsTo(json: JsonDocument, node: number): Segment[] {
  const way = [...ancestors(json, node), node];
  const segments: Segment[] = [];
  for (let i = 1; i < way.length; i += 1) {
    const parent = way[i - 1] ?? 0;
    const at = way[i] ?? 0;
    const name = keyOf(json, at);
    if (name !== undefined) segments.push({ kind: "name", name });
    else segments.push({ kind: "index", index: placeIn(json, parent, at) });
  }
  return segments;
}

export function pathTo(json: JsonDocument, node: number): string {
  return writePath(segmentsTo(json, node));
}

function placeIn(json: JsonDocument, list: number, item: number): number {
  let place = 0;
  for (let child = list + 1; child < item; child = after(json, child)) place += 1;
  return place;
}

/** Reads a path of the form that `writePath` writes, with double quotes too; `undefined` where it is another. */
export function parsePath(path: string): Segment[] | undefined {
  const text = path.trim();
  if (!text.startsWith("$")) return undefined;
  const segments: Segment[] = [];
  let at = 1;
  while (at < text.length) {
    const step = STEPS.find(({ pattern }) => {
      pattern.lastIndex = at;
      return pattern.test(text);
    });
    if (step === undefined) return undefined;
    step.pattern.lastIndex = at;
    const match = step.pattern.exec(text);
    const segment = match === null ? undefined : step.make(match);
    if (match === null || segment === undefined) return undefined;
    segments.push(segment);
    at += match[0].length;
  }
  return segments;
}

const LITERAL = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/.source;
const NAME = /[A-Za-z_\u0080-\u{10ffff}][A-Za-z0-9_\u0080-\u{10ffff}]*/u.source;

interface Step {
  readonly pattern: RegExp;
  readonly make: (match: RegExpExecArray) => Segment | undefined;
}

const STEPS: readonly Step[] = [
  { pattern: new RegExp(`\\.(${NAME})`, "uy"), make: (m) => named(m[1]) },
  { pattern: /\.\*|\[\s*\*\s*\]/y, make: () => ({ kind: "all" }) },
  {
    pattern: /\[\s*(0|[1-9][0-9]{0,14})\s*\]/y,
    make: (m) => ({ kind: "index", index: Number(m[1]) }),
  },
  {
    pattern: new RegExp(`\\[\\s*(${LITERAL})\\s*\\]`, "uy"),
    make: (m) => named(unquoteName(m[1] ?? "")),
  },
  {
    pattern: new RegExp(
      `\\[\\s*\\?\\s*@(?:\\.(${NAME})|\\[\\s*(${LITERAL})\\s*\\])\\s*==\\s*(${LITERAL})\\s*\\]`,
      "uy",
    ),
    make: (m) => {
      const name = m[1] ?? unquoteName(m[2] ?? "");
      const equals = unquoteName(m[3] ?? "");
      return name === undefined || equals === undefined
        ? undefined
        : { kind: "where", name, equals };
    },
  },
];

function named(name: string | undefined): Segment | undefined {
  return name === undefined ? undefined : { kind: "name", name };
}

function unquoteName(literal: string): string | undefined {
  const inner = literal.slice(1, -1);
  // What JSON calls a string: quotes of the other form need their mark or lose it.
  const json = inner.replaceAll("\\'", "'").replaceAll(/(?<!\\)((?:\\\\)*)"/g, '$1\\"');
  try {
    const value: unknown = JSON.parse(`"${json}"`);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The nodes that a path finds, in order, at most `limit`. */
export function follow(
  json: JsonDocument,
  segments: readonly Segment[],
  limit = 100_000,
): number[] {
  let found = [0];
  for (const segment of segments) {
    const next: number[] = [];
    for (const node of found) {
      for (const child of step(json, node, segment)) {
        next.push(child);
        if (next.length >= limit) break;
      }
    }
    found = next;
  }
  return found;
}

function* step(json: JsonDocument, node: number, segment: Segment): Generator<number> {
  const kind = kindOf(json, node);
  if (segment.kind === "name") {
    const child = kind === Kind.object ? childNamed(json, node, segment.name) : undefined;
    if (child !== undefined) yield child;
  } else if (segment.kind === "index") {
    if (kind !== Kind.list || segment.index >= childCount(json, node)) return;
    let at = node + 1;
    for (let i = 0; i < segment.index; i += 1) at = after(json, at);
    yield at;
  } else if (segment.kind === "all") {
    yield* children(json, node);
  } else {
    for (const child of children(json, node)) {
      if (identity(json, child, segment.name) === segment.equals) yield child;
    }
  }
}

/** Of repeated keys the last, as the parsers of most languages and the gateway keep it. */
export function childNamed(json: JsonDocument, node: number, name: string): number | undefined {
  if (kindOf(json, node) !== Kind.object) return undefined;
  let found: number | undefined;
  for (const child of children(json, node)) if (keyOf(json, child) === name) found = child;
  return found;
}

function identity(json: JsonDocument, item: number, name: string): string | undefined {
  const value = childNamed(json, item, name);
  return value !== undefined && kindOf(json, value) === Kind.string
    ? scalarText(json, value)
    : undefined;
}

export type OfferKind = "this" | "all" | "where";

/** A path that a click on a value may mean. */
export interface PathOffer {
  readonly kind: OfferKind;
  readonly path: string;
  /** Of `this` in a list: the place, from 0. */
  readonly index?: number;
  /** Of `where`: the key and the value that pick the item. */
  readonly name?: string;
  readonly equals?: string;
  /** The number of values that the path finds in this sample, and the first three as text. */
  readonly finds: number;
  readonly values: readonly string[];
}

/** Keys by which the items of a form builder's list are told apart. */
const IDENTITIES = ["name", "key", "id", "field", "label", "type"] as const;

/**
 * The paths that a click on a node may mean: the place itself, every item of the list around it, and the
 * item in which a naming key has this item's value. The innermost list counts; lists around it keep their place.
 */
export function offersFor(json: JsonDocument, node: number): PathOffer[] {
  const exact = segmentsTo(json, node);
  const way = [...ancestors(json, node), node];
  const at = exact.findLastIndex((segment) => segment.kind === "index");
  const place = exact[at];
  if (place?.kind !== "index") return [offer(json, exact, { kind: "this" })];
  const item = way[at + 1] ?? node;
  const replaced = (segment: Segment) => exact.map((old, i) => (i === at ? segment : old));
  const offers = IDENTITIES.flatMap((name) => {
    const equals = identity(json, item, name);
    const isItself = exact[at + 1]?.kind === "name" && childNamed(json, item, name) === node;
    if (equals === undefined || equals === "" || isItself) return [];
    const segments = replaced({ kind: "where", name, equals });
    return [offer(json, segments, { kind: "where", name, equals })];
  });
  return [
    ...offers,
    offer(json, exact, { kind: "this", index: place.index }),
    offer(json, replaced({ kind: "all" }), { kind: "all" }),
  ];
}

function offer(
  json: JsonDocument,
  segments: Segment[],
  rest: Pick<PathOffer, "kind" | "index" | "name" | "equals">,
): PathOffer {
  const nodes = follow(json, segments);
  const values = nodes.slice(0, 3).map((node) => scalarText(json, node).slice(0, 200));
  return { ...rest, path: writePath(segments), finds: nodes.length, values };
}
