import { kindOfId } from "./ids.ts";
import { paths } from "./paths.ts";

/** The places that a pasted text can lead to, by its form. */
export type Goal =
  | { readonly kind: "go"; readonly what: GoWhat; readonly href: string }
  /** The id of a webhook, whose origin has to be found first. */
  | { readonly kind: "webhook"; readonly id: string }
  | { readonly kind: "timeline" | "deliveries" | "contacts"; readonly href: string }
  | {
      readonly kind: "webhooks";
      readonly origin: string;
      readonly name: string;
      readonly href: string;
    };

export type GoWhat = "delivery" | "contact" | "deal" | "endpoint" | "rule" | "integration" | "job";

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const PHONE = /^\+?[\d\s().-]{8,24}$/;

interface Origin {
  readonly id: string;
  readonly name: string;
}

/** A text that was typed leads to an id's own place, or to what can be found by it. */
export function goalsOf(typed: string, ws: string, origins: readonly Origin[]): Goal[] {
  const text = typed.trim();
  if (text === "" || text.length > 256) return [];
  const kind = kindOfId(text);
  switch (kind) {
    case "webhook":
      return [{ kind: "webhook", id: text }];
    case "delivery":
    case "endpoint":
    case "rule":
    case "integration":
    case "job":
      return [{ kind: "go", what: kind, href: paths[kind](ws, text) }];
    case "contact":
    case "deal":
      return [{ kind: "go", what: kind, href: paths[kind](ws, text) }, ...byKey(text, ws, [])];
    default:
      return [...people(text, ws), ...byKey(text, ws, origins)];
  }
}

function people(text: string, ws: string): Goal[] {
  if (EMAIL.test(text)) return [{ kind: "contacts", href: paths.contacts(ws, { email: text }) }];
  const isPhone = PHONE.test(text) && text.replace(/\D/g, "").length >= 8;
  return isPhone ? [{ kind: "contacts", href: paths.contacts(ws, { phone: text }) }] : [];
}

function byKey(text: string, ws: string, origins: readonly Origin[]): Goal[] {
  return [
    { kind: "timeline", href: paths.subject(ws, text) },
    { kind: "deliveries", href: paths.deliveries(ws, { subject: text }) },
    ...origins.map(({ id, name }) => ({
      kind: "webhooks" as const,
      origin: id,
      name,
      href: paths.history(ws, id, { q: text }),
    })),
  ];
}

/** Tells whether a name has every word of what was typed, whatever the accents and capitals. */
export function nameMatches(name: string, typed: string): boolean {
  const folded = fold(name);
  return fold(typed)
    .split(/\s+/)
    .every((word) => folded.includes(word));
}

function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase().trim();
}
