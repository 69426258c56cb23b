/** Kinds of ids that the API uses, by their prefix. */
export const PREFIXES = {
  whk: "webhook",
  dlv: "delivery",
  con: "contact",
  deal: "deal",
  ep: "endpoint",
  rule: "rule",
  int: "integration",
  ori: "origin",
  stg: "stage",
  job: "job",
  evt: "event",
  ntc: "notice",
  key: "key",
  ws: "workspace",
  per: "person",
} as const;

export type IdKind = (typeof PREFIXES)[keyof typeof PREFIXES];

function isPrefix(text: string): text is keyof typeof PREFIXES {
  return Object.hasOwn(PREFIXES, text);
}

/** The kind of a pasted id; null where the text is no id of Gancho. */
export function kindOfId(text: string): IdKind | null {
  const match = /^([a-z]+)_[0-9a-z]{6,64}$/.exec(text.trim());
  const prefix = match?.[1] ?? "";
  return isPrefix(prefix) ? PREFIXES[prefix] : null;
}

/** The last six digits of an id, which tell two of the same name apart. */
export function tailOf(id: string): string {
  return id.slice(-6);
}
