/** The query string as the router keeps it: one text for each name. */
export type Raw = Readonly<Record<string, string | undefined>>;

/** Search parameters of a screen: `parse` drops what it does not know, `write` leaves defaults out. */
export interface Codec<T> {
  parse: (raw: Raw) => T;
  write: (values: T) => Raw;
}

/** Parses a query string without guessing types: `q=0123` stays a text. */
export function parseQuery(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

/** Writes a query string. Commas, colons and slashes stay readable, as RFC 3986 allows in a query. */
export function writeQuery(values: Readonly<Record<string, unknown>>): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== "string" || value === "") continue;
    const text = encodeURIComponent(value).replace(/%(2C|3A|2F|24|40)/g, decodeURIComponent);
    parts.push(`${encodeURIComponent(name)}=${text}`);
  }
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}

export function oneOf<T extends string>(
  value: string | undefined,
  allowed: readonly T[],
): T | undefined {
  return allowed.find((item) => item === value);
}

/** The known values of a list joined by commas, each once, in the order of `allowed`. */
export function listOf<T extends string>(value: string | undefined, allowed: readonly T[]): T[] {
  const given = new Set((value ?? "").split(","));
  return allowed.filter((item) => given.has(item));
}

/** The items of a list joined by commas that have the given form, each once, at most `most`. */
export function matching(value: string | undefined, form: RegExp, most: number): string[] {
  const items = (value ?? "").split(",").filter((item) => form.test(item));
  return [...new Set(items)].slice(0, most);
}

export function joined(values: readonly string[]): string | undefined {
  return values.length === 0 ? undefined : values.join(",");
}

/** A text of 1 to `most` characters that is not only spaces. */
export function text(value: string | undefined, most: number): string | undefined {
  return value !== undefined && value.trim() !== "" && value.length <= most ? value : undefined;
}

export const form = {
  origin: /^ori_[0-9a-f]{32}$/,
  integration: /^int_[0-9a-f]{32}$/,
  webhook: /^whk_[0-9a-f]{32}$/,
  delivery: /^dlv_[0-9a-f]{32}$/,
  endpoint: /^ep_[0-9a-f]{32}$/,
  rule: /^rule_[0-9a-f]{32}$/,
  contact: /^con_[0-9a-f]{32}$/,
  deal: /^deal_[0-9a-f]{32}$/,
  stage: /^stg_[0-9a-f]{32}$/,
  application: /^[a-z0-9_-]{1,64}$/,
} as const;
