import type { components } from "../api/schema.d.ts";

type MappedField = components["schemas"]["MappedField"];
type RuleBody = components["schemas"]["RuleBody"];
type Example = components["schemas"]["EventTypeEntry"]["example"];
type Json = Record<string, unknown>;

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at keys and places joined by dots; `undefined` where there is none. */
export function valueAt(value: unknown, path: string): unknown {
  let found = value;
  for (const key of path.split(".")) {
    if (Array.isArray(found)) found = /^\d+$/.test(key) ? found[Number(key)] : undefined;
    else if (isRecord(found)) found = Object.hasOwn(found, key) ? found[key] : undefined;
    else return undefined;
  }
  return found;
}

/** The standard body of an event type's example: the shape that every delivery has (D6). */
export function standardBody(type: string, example: NonNullable<Example>, workspace: string): Json {
  const { key, status } = example.subject;
  return {
    id: "evt_00000000000000000000000000000000",
    type,
    version: 1,
    occurred_at: "2026-11-21T13:00:00Z",
    workspace,
    subject: status === null ? { key } : { key, status },
    data: example.data,
  };
}

function put(into: Json, path: string, value: unknown): void {
  const [first = "", ...rest] = path.split(".");
  if (rest.length === 0) {
    define(into, first, value);
    return;
  }
  const before = Object.hasOwn(into, first) ? into[first] : undefined;
  const inner = isRecord(before) ? before : {};
  define(into, first, inner);
  put(inner, rest.join("."), value);
}

/** Sets a key as data, also one that means something to the language. */
function define(into: Json, key: string, value: unknown): void {
  Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true });
}

/** The body that a rule makes of a standard one: itself, or the chosen fields under their new names. */
export function bodyOf(standard: Json, body: RuleBody): Json {
  if (body === "standard") return standard;
  const made: Json = {};
  for (const { from, to } of body.mapped) {
    const value = valueAt(standard, from);
    if (value !== undefined && to !== "") put(made, to, structuredClone(value));
  }
  return made;
}

/** Nested data as the parameters of a query: `a[b]=1`, `list[0]=2` (S3.12). */
export function pairsOf(value: unknown, name = ""): [string, string][] {
  const inside = (key: string) => (name === "" ? key : `${name}[${key}]`);
  if (Array.isArray(value)) return value.flatMap((item, i) => pairsOf(item, inside(String(i))));
  if (isRecord(value))
    return Object.entries(value).flatMap(([key, item]) => pairsOf(item, inside(key)));
  return [[name, value === null ? "" : String(value)]];
}

/** The identifier proposed for a field: its path without what every field has in front. */
export function proposedName(from: string): string {
  return from.replace(/^data\./, "");
}

export function fieldOf(from: string): MappedField {
  return { from, to: proposedName(from) };
}
