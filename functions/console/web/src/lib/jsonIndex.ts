/**
 * A flat index over the text of a JSON value, made in one pass. The text itself stays as it came: digits,
 * the order of keys and repeated keys are read from it again when a row is drawn.
 *
 * Nodes are numbered in the order of the text, so a node's descendants are the numbers after it up to `next`.
 */
export interface JsonIndex {
  /** The number of values. */
  readonly size: number;
  /** The places in the text at which the value begins and ends, in UTF-16 units. */
  readonly start: Uint32Array;
  readonly end: Uint32Array;
  /** The place of the opening quote of the value's key; `NO_KEY` for items of lists and the root. */
  readonly key: Uint32Array;
  /** The first node after the value and everything in it. */
  readonly next: Uint32Array;
  /** The number of direct children. */
  readonly count: Uint32Array;
  readonly depth: Uint16Array;
  readonly kind: Uint8Array;
}

export const NO_KEY = 0xffffffff;
export const MAX_VALUES = 3_000_000;
/** In UTF-16 units. */
export const MAX_TEXT = 16 * 1024 * 1024;
const MAX_DEPTH = 10_000;

export const Kind = {
  object: 0,
  list: 1,
  string: 2,
  number: 3,
  true: 4,
  false: 5,
  null: 6,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

export type FaultReason =
  | "empty"
  | "unexpected"
  | "unfinished"
  | "string"
  | "number"
  | "key"
  | "colon"
  | "comma"
  | "after"
  | "too_deep"
  | "too_large"
  | "too_many";

/** The place at which a text is no JSON, or has more than the viewer draws as a tree. */
export interface JsonFault {
  readonly reason: FaultReason;
  readonly at: number;
  /** Both begin at 1. */
  readonly line: number;
  readonly column: number;
}

export type IndexResult =
  | { readonly ok: true; readonly index: JsonIndex }
  | { readonly ok: false; readonly fault: JsonFault };

class Fault extends Error {
  readonly reason: FaultReason;
  readonly at: number;
  constructor(reason: FaultReason, at: number) {
    super(reason);
    this.reason = reason;
    this.at = at;
  }
}

/** Makes the index of `text`. Never throws for what the text holds. */
export function indexJson(text: string, maxValues = MAX_VALUES): IndexResult {
  try {
    return { ok: true, index: build(text, maxValues) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { ok: false, fault: { reason: error.reason, at: error.at, ...placeOf(text, error.at) } };
  }
}

/** The line and the column of a place, both from 1. */
export function placeOf(text: string, at: number): { line: number; column: number } {
  let line = 1;
  let begin = 0;
  for (let found = text.indexOf("\n"); found >= 0 && found < at; ) {
    line += 1;
    begin = found + 1;
    found = text.indexOf("\n", begin);
  }
  return { line, column: at - begin + 1 };
}

interface Columns {
  start: Uint32Array;
  end: Uint32Array;
  key: Uint32Array;
  next: Uint32Array;
  count: Uint32Array;
  depth: Uint16Array;
  kind: Uint8Array;
}

function columns(size: number, from?: Columns, used = size): Columns {
  const made = {
    start: new Uint32Array(size),
    end: new Uint32Array(size),
    key: new Uint32Array(size),
    next: new Uint32Array(size),
    count: new Uint32Array(size),
    depth: new Uint16Array(size),
    kind: new Uint8Array(size),
  };
  if (from !== undefined) {
    made.start.set(from.start.subarray(0, used));
    made.end.set(from.end.subarray(0, used));
    made.key.set(from.key.subarray(0, used));
    made.next.set(from.next.subarray(0, used));
    made.count.set(from.count.subarray(0, used));
    made.depth.set(from.depth.subarray(0, used));
    made.kind.set(from.kind.subarray(0, used));
  }
  return made;
}

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_LIST = 91;
const BACKSLASH = 92;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

function build(text: string, maxValues: number): JsonIndex {
  const length = text.length;
  if (length > MAX_TEXT) throw new Fault("too_large", 0);
  let at = skipSpace(text, text.charCodeAt(0) === 0xfeff ? 1 : 0);
  if (at >= length) throw new Fault("empty", 0);
  let room = Math.min(maxValues, Math.max(64, length >> 3));
  let c = columns(room);
  let size = 0;
  // The containers that are open, the innermost last.
  const open: number[] = [];
  let key = NO_KEY;

  for (;;) {
    // A value begins at `at`.
    if (size === room) {
      if (size >= maxValues) throw new Fault("too_many", at);
      room = Math.min(maxValues, room * 2);
      c = columns(room, c, size);
    }
    const node = size++;
    const code = text.charCodeAt(at);
    c.start[node] = at;
    c.key[node] = key;
    c.depth[node] = open.length;
    let descends = false;
    if (code === OPEN_OBJECT || code === OPEN_LIST) {
      const isObject = code === OPEN_OBJECT;
      c.kind[node] = isObject ? Kind.object : Kind.list;
      at = skipSpace(text, at + 1);
      if (text.charCodeAt(at) === (isObject ? CLOSE_OBJECT : CLOSE_LIST)) {
        at += 1;
      } else {
        if (open.length >= MAX_DEPTH) throw new Fault("too_deep", at);
        open.push(node);
        descends = true;
      }
    } else {
      c.kind[node] = scalarKind(code, at, length);
      at = scalarEnd(text, at, code);
    }
    if (!descends) {
      c.end[node] = at;
      c.next[node] = size;
    }

    // Closes what ends here, and goes to where the next value begins.
    let first = descends;
    for (;;) {
      const parent = open[open.length - 1];
      if (parent === undefined) {
        at = skipSpace(text, at);
        if (at < length) throw new Fault("after", at);
        return { size, ...columns(size, c, size) };
      }
      const isObject = c.kind[parent] === Kind.object;
      if (!first) {
        c.count[parent] = (c.count[parent] ?? 0) + 1;
        at = skipSpace(text, at);
        const after = text.charCodeAt(at);
        if (after === (isObject ? CLOSE_OBJECT : CLOSE_LIST)) {
          at += 1;
          c.end[parent] = at;
          c.next[parent] = size;
          open.pop();
          continue;
        }
        if (after !== COMMA) throw new Fault(at >= length ? "unfinished" : "comma", at);
        at = skipSpace(text, at + 1);
      }
      first = false;
      if (isObject) {
        if (text.charCodeAt(at) !== QUOTE) throw new Fault(at >= length ? "unfinished" : "key", at);
        key = at;
        at = skipSpace(text, stringEnd(text, at));
        if (text.charCodeAt(at) !== COLON) {
          throw new Fault(at >= length ? "unfinished" : "colon", at);
        }
        at = skipSpace(text, at + 1);
      } else {
        key = NO_KEY;
      }
      if (at >= length) throw new Fault("unfinished", at);
      break;
    }
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return at;
    at += 1;
  }
}

function scalarKind(code: number, at: number, length: number): Kind {
  if (code === QUOTE) return Kind.string;
  if (code === 45 || (code >= 48 && code <= 57)) return Kind.number;
  if (code === 116) return Kind.true;
  if (code === 102) return Kind.false;
  if (code === 110) return Kind.null;
  throw new Fault(at >= length ? "unfinished" : "unexpected", at);
}

function scalarEnd(text: string, at: number, code: number): number {
  if (code === QUOTE) return stringEnd(text, at);
  if (code === 116) return wordEnd(text, at, "true");
  if (code === 102) return wordEnd(text, at, "false");
  if (code === 110) return wordEnd(text, at, "null");
  return numberEnd(text, at);
}

function wordEnd(text: string, at: number, word: string): number {
  if (text.startsWith(word, at)) return at + word.length;
  throw new Fault("unexpected", at);
}

/** The place after the closing quote of the string that begins at `from`. */
export function stringEnd(text: string, from: number): number {
  const length = text.length;
  let at = from + 1;
  while (at < length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code < 32) throw new Fault("string", at);
    at += code === BACKSLASH ? escapeLength(text, at) : 1;
  }
  throw new Fault("unfinished", from);
}

function escapeLength(text: string, at: number): number {
  const escaped = text[at + 1] ?? "";
  if (escaped === "u") {
    if (/^[0-9a-fA-F]{4}$/.test(text.slice(at + 2, at + 6))) return 6;
    throw new Fault("string", at);
  }
  if ('"\\/bfnrt'.includes(escaped) && escaped !== "") return 2;
  throw new Fault(at + 1 >= text.length ? "unfinished" : "string", at);
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

function numberEnd(text: string, at: number): number {
  NUMBER.lastIndex = at;
  if (!NUMBER.test(text)) throw new Fault("number", at);
  const end = NUMBER.lastIndex;
  // `01`, `1.` and `1e` end before what cannot follow a value.
  const after = text.charCodeAt(end);
  if ((after >= 48 && after <= 57) || after === 46 || after === 101 || after === 69) {
    throw new Fault("number", at);
  }
  return end;
}
