/** The widest piece of a line that is drawn as one row. */
export const WIDTH = 160;

/** The text cut into rows: where each begins, and which of them begins a line. */
export interface TextRows {
  readonly start: Uint32Array;
  /** The number of the line that begins with the row, from 1; 0 where a line goes on. */
  readonly line: Uint32Array;
  readonly lines: number;
}

/** Cuts a text into rows: at its line breaks, and long lines after `width` units. */
export function cutText(text: string, width = WIDTH): TextRows {
  let start = new Uint32Array(1_024);
  let line = new Uint32Array(1_024);
  let rows = 0;
  let lines = 0;
  const push = (at: number, number: number) => {
    if (rows === start.length) {
      start = grown(start);
      line = grown(line);
    }
    start[rows] = at;
    line[rows] = number;
    rows += 1;
  };
  for (let at = 0; at <= text.length; ) {
    const found = text.indexOf("\n", at);
    const end = found < 0 ? text.length : found;
    lines += 1;
    push(at, lines);
    for (let cut = cutAt(text, at, width); cut < end; cut = cutAt(text, cut, width)) push(cut, 0);
    at = end + 1;
  }
  return { start: start.slice(0, rows), line: line.slice(0, rows), lines };
}

/** A pair of units that is one character stays in one row. */
function cutAt(text: string, from: number, width: number): number {
  const at = from + width;
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}

function grown(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const made = new Uint32Array(array.length * 2);
  made.set(array);
  return made;
}

/** The text of a row, without the break that ends it. */
export function rowText(text: string, rows: TextRows, row: number): string {
  const from = rows.start[row] ?? text.length;
  const to = rows.start[row + 1] ?? text.length + 1;
  const slice = text.slice(from, to);
  return slice.replace(/\r?\n$/, "");
}

/** The row in which a place of the text stands. */
export function rowAt(rows: TextRows, place: number): number {
  let low = 0;
  let high = rows.start.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((rows.start[middle] ?? 0) <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The places where a text is found, letters of either case, at most `limit`. */
export function findText(text: string, query: string, limit: number): number[] {
  if (query === "") return [];
  const found: number[] = [];
  const literal = query.replace(/[\^$.*+?()[\]{}|/\\]/g, "\\$&");
  const pattern = new RegExp(literal, "giu");
  for (const match of text.matchAll(pattern)) {
    found.push(match.index);
    if (found.length >= limit) break;
  }
  return found;
}
