import type { components } from "../api/schema.d.ts";

type Item = components["schemas"]["SubjectItem"];
type Delivery = components["schemas"]["Delivery"];

/** A webhook that came for the subject. */
export interface TimelineWebhook {
  readonly id: string;
  readonly origin: string;
  readonly integration: { readonly id: string; readonly name: string } | undefined;
  readonly application: string;
  readonly status: "success" | "error" | "pending";
  readonly contact: Outcome | undefined;
  readonly deal: Outcome | undefined;
}

export interface Outcome {
  readonly id: string;
  readonly action: string;
}

export interface TimelineEvent {
  readonly id: string;
  readonly types: readonly string[];
  readonly subject: string;
  readonly status: string | undefined;
  /** The webhook that caused it. */
  readonly webhook: string | undefined;
  readonly cause: string | undefined;
  readonly data: unknown;
}

export type Entry = { readonly at: string; readonly key: string } & (
  | { readonly kind: "webhook"; readonly webhook: TimelineWebhook }
  | { readonly kind: "event"; readonly event: TimelineEvent }
  | { readonly kind: "delivery"; readonly delivery: Delivery }
);

/** An entry with what it caused below it: a webhook's events, an event's deliveries. */
export interface Caused {
  readonly entry: Entry;
  readonly level: 0 | 1 | 2;
  /** Something that it caused stands below it. */
  readonly hasEffects: boolean;
  /** It is the last that its cause caused. */
  readonly isLast: boolean;
  /** The line of the cause of its cause goes on beside it. */
  readonly passes: boolean;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function outcomeOf(value: unknown): Outcome | undefined {
  if (!isRecord(value)) return undefined;
  const [id, action] = [textOf(value.id), textOf(value.action)];
  return id === undefined || action === undefined ? undefined : { id, action };
}

function webhookOf(raw: Record<string, unknown>): TimelineWebhook | undefined {
  const [id, origin] = [textOf(raw.id), textOf(raw.origin)];
  if (id === undefined || origin === undefined) return undefined;
  const integration = isRecord(raw.integration) ? raw.integration : {};
  const [intId, name] = [textOf(integration.id), textOf(integration.name)];
  return {
    id,
    origin,
    integration: intId === undefined ? undefined : { id: intId, name: name ?? intId },
    application: textOf(raw.application) ?? "",
    status: raw.status === "error" || raw.status === "pending" ? raw.status : "success",
    contact: outcomeOf(raw.contact),
    deal: outcomeOf(raw.deal),
  };
}

/** The webhook in a cause, which is a word or names a webhook or a person. */
function causeOf(cause: unknown): Pick<TimelineEvent, "webhook" | "cause"> {
  if (typeof cause === "string") return { webhook: undefined, cause };
  if (!isRecord(cause)) return { webhook: undefined, cause: undefined };
  const { webhook } = cause;
  const id = textOf(webhook) ?? (isRecord(webhook) ? textOf(webhook.id) : undefined);
  return { webhook: id, cause: id === undefined ? Object.keys(cause)[0] : "webhook" };
}

function eventOf(raw: Record<string, unknown>): TimelineEvent | undefined {
  const id = textOf(raw.id);
  if (id === undefined) return undefined;
  const types = Array.isArray(raw.types) ? raw.types.flatMap((type) => textOf(type) ?? []) : [];
  const [subject = "", status] = [textOf(raw.subject), textOf(raw.subject_status)];
  return { id, types, subject, status, ...causeOf(raw.cause), data: raw.data };
}

/** Reads an item of the answer; one of a kind that this console does not know is left out. */
export function entryOf(item: Item): Entry | undefined {
  if (item.kind === "delivery" && item.delivery) {
    return { at: item.at, key: item.delivery.id, kind: "delivery", delivery: item.delivery };
  }
  if (item.kind === "event" && item.event) {
    const event = eventOf(item.event);
    return event && { at: item.at, key: event.id, kind: "event", event };
  }
  if (item.kind === "webhook" && item.webhook) {
    const webhook = webhookOf(item.webhook);
    return webhook && { at: item.at, key: webhook.id, kind: "webhook", webhook };
  }
  return undefined;
}

/** The cause of an entry, by the entry's id. */
export function parentOf(entry: Entry): string | undefined {
  if (entry.kind === "event") return entry.event.webhook;
  return entry.kind === "delivery" ? entry.delivery.event : undefined;
}

export type Side = "in" | "out" | "events";

export interface TimelineFilter {
  readonly sides: readonly Side[];
  readonly onlyErrors: boolean;
}

const SIDE: Record<Entry["kind"], Side> = { webhook: "in", event: "events", delivery: "out" };

export function failed(entry: Entry): boolean {
  if (entry.kind === "webhook") return entry.webhook.status === "error";
  if (entry.kind !== "delivery") return false;
  return entry.delivery.state === "failure" || entry.delivery.state === "retrying";
}

export function passes(entry: Entry, filter: TimelineFilter): boolean {
  if (filter.onlyErrors) return failed(entry);
  return filter.sides.length === 0 || filter.sides.includes(SIDE[entry.kind]);
}

/**
 * Joins effects to their causes: newest cause first, and below it what it caused, in the order in which it came.
 * An entry whose cause is not among them stands by itself.
 */
export function joined(entries: readonly Entry[]): Caused[] {
  const known = new Set(entries.map((entry) => entry.key));
  const below = new Map<string, Entry[]>();
  const roots: Entry[] = [];
  for (const entry of entries) {
    const parent = parentOf(entry);
    if (parent === undefined || !known.has(parent)) roots.push(entry);
    else below.set(parent, [...(below.get(parent) ?? []), entry]);
  }
  const oldestFirst = (a: Entry, b: Entry) =>
    a.at.localeCompare(b.at) || a.key.localeCompare(b.key);
  function branch(entry: Entry, level: 0 | 1 | 2, isLast: boolean, passes: boolean): Caused[] {
    const caused = (below.get(entry.key) ?? []).toSorted(oldestFirst);
    const next = level === 0 ? 1 : 2;
    const rest = caused.flatMap((one, i) =>
      branch(one, next, i === caused.length - 1, level === 1 && !isLast),
    );
    return [{ entry, level, hasEffects: caused.length > 0, isLast, passes }, ...rest];
  }
  return roots
    .toSorted((a, b) => oldestFirst(b, a))
    .flatMap((root) => branch(root, 0, true, false));
}
