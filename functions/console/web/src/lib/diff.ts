export type LineKind = "same" | "removed" | "added";

/** A line of the difference of two texts; its numbers are those in the texts before and after, from 1. */
export interface DiffLine {
  readonly kind: LineKind;
  readonly text: string;
  readonly before?: number;
  readonly after?: number;
}

/** More differing lines than this are shown as all removed and all added: the search would take seconds. */
const MOST_EDITS = 2_000;

/** The shortest difference of two lists of lines (Myers, 1986), with their common ends taken off first. */
export function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  const most = Math.min(before.length, after.length) - head;
  while (tail < most && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;

  const a = before.slice(head, before.length - tail);
  const b = after.slice(head, after.length - tail);
  const kinds: LineKind[] = [
    ...Array<LineKind>(head).fill("same"),
    ...script(a, b),
    ...Array<LineKind>(tail).fill("same"),
  ];
  return numbered(kinds, before, after);
}

function numbered(
  kinds: readonly LineKind[],
  before: readonly string[],
  after: readonly string[],
): DiffLine[] {
  let i = 0;
  let j = 0;
  return kinds.map((kind) => {
    if (kind === "removed") {
      i += 1;
      return { kind, text: before[i - 1] ?? "", before: i };
    }
    j += 1;
    if (kind === "added") return { kind, text: after[j - 1] ?? "", after: j };
    i += 1;
    return { kind, text: after[j - 1] ?? "", before: i, after: j };
  });
}

function script(a: readonly string[], b: readonly string[]): LineKind[] {
  const replaced = (): LineKind[] => [
    ...Array<LineKind>(a.length).fill("removed"),
    ...Array<LineKind>(b.length).fill("added"),
  ];
  if (a.length === 0 || b.length === 0) return replaced();
  const trace: Map<number, number>[] = [];
  let furthest = new Map([[1, 0]]);
  for (let d = 0; d <= Math.min(a.length + b.length, MOST_EDITS); d += 1) {
    trace.push(furthest);
    const next = new Map(furthest);
    for (let k = -d; k <= d; k += 2) {
      let x = goesDown(furthest, k, d) ? at(furthest, k + 1) : at(furthest, k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      next.set(k, x);
      if (x >= a.length && x - k >= b.length) return walkBack(trace, a.length, b.length);
    }
    furthest = next;
  }
  return replaced();
}

function at(furthest: ReadonlyMap<number, number>, k: number): number {
  return furthest.get(k) ?? -1;
}

/** The step to the diagonal `k` takes a line of the text after. */
function goesDown(furthest: ReadonlyMap<number, number>, k: number, d: number): boolean {
  return k === -d || (k !== d && at(furthest, k - 1) < at(furthest, k + 1));
}

function walkBack(trace: readonly ReadonlyMap<number, number>[], n: number, m: number): LineKind[] {
  const kinds: LineKind[] = [];
  let x = n;
  let y = m;
  for (let d = trace.length - 1; d >= 0; d -= 1) {
    const furthest = trace[d] ?? new Map();
    const k = x - y;
    const down = goesDown(furthest, k, d);
    const fromX = d === 0 ? 0 : at(furthest, down ? k + 1 : k - 1);
    const fromY = d === 0 ? 0 : fromX - (down ? k + 1 : k - 1);
    const [stepX, stepY] = d === 0 ? [0, 0] : down ? [fromX, fromY + 1] : [fromX + 1, fromY];
    while (x > stepX && y > stepY) {
      kinds.push("same");
      x -= 1;
      y -= 1;
    }
    if (d > 0) kinds.push(down ? "added" : "removed");
    x = fromX;
    y = fromY;
  }
  return kinds.reverse();
}

/** Lines that are shown, or a number of equal ones that are left out. */
export type DiffPart =
  | { readonly kind: "lines"; readonly lines: readonly DiffLine[] }
  | { readonly kind: "gap"; readonly lines: readonly DiffLine[] };

/** Leaves out equal lines further than `around` from a change. */
export function withoutTheEqual(lines: readonly DiffLine[], around = 3): DiffPart[] {
  const near = new Set<number>();
  for (const [i, line] of lines.entries()) {
    if (line.kind === "same") continue;
    for (let j = i - around; j <= i + around; j += 1) near.add(j);
  }
  const parts: { kind: DiffPart["kind"]; lines: DiffLine[] }[] = [];
  for (const [i, line] of lines.entries()) {
    const kind = near.has(i) ? "lines" : "gap";
    const last = parts.at(-1);
    if (last?.kind === kind) last.lines.push(line);
    else parts.push({ kind, lines: [line] });
  }
  return parts;
}

/** One field that differs between two objects, by its path of keys and places. */
export interface FieldChange {
  readonly path: string;
  /** The values as JSON; `undefined` where the field is not there. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** One field that is not the same in several values, with what each has there. */
export interface FieldValues {
  readonly path: string;
  readonly values: readonly unknown[];
}

/** The fields in which two values differ, in the order of the value before, then of the one after. */
export function diffFields(before: unknown, after: unknown): FieldChange[] {
  return differing([before, after]).map(({ path, values }) => ({
    path,
    before: asJson(values[0]),
    after: asJson(values[1]),
  }));
}

/** The fields that are not the same in all values. A field of which `isWhole` is true is not looked into. */
export function differing(
  values: readonly unknown[],
  isWhole: (path: string) => boolean = () => false,
  path = "",
): FieldValues[] {
  if (values.every(isRecord) && !isWhole(path)) {
    const keys = [...new Set(values.flatMap((value) => Object.keys(value)))];
    return keys.flatMap((key) =>
      differing(
        values.map((value) => own(value, key)),
        isWhole,
        joined(path, key),
      ),
    );
  }
  return new Set(values.map(asJson)).size > 1 ? [{ path, values }] : [];
}

/** True where both are the same JSON; the order of keys does not matter. */
export function isSame(a: unknown, b: unknown): boolean {
  return asJson(a) === asJson(b);
}

function own(value: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function joined(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asJson(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(sorted(value));
}

/** Keys in one order, so that the same value in another order is no difference. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
