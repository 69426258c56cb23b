import type { Transform } from "./mappingDraft.ts";

/** The kind of a target's value, by which values and transforms are judged. */
export type TargetKind = "text" | "email" | "phone" | "number" | "date" | "boolean" | "list";

const EMAIL = /^\s*[^\s@]+@[^\s@]+\.[^\s@]+\s*$/;
const PHONE = /^\s*\+?[\d\s().-]{8,24}\s*$/;
const NUMBER = /^\s*-?\d+(?:\.\d+)?\s*$/;
/** `1.234,56` and `R$ 1.234,56`: what may be a number of Brazil and no plain one. */
const BRAZILIAN = /^\s*(?:R\$\s*)?-?\d{1,3}(?:\.\d{3})*(?:,\d+)?\s*$|^\s*(?:R\$\s*)?-?\d+,\d+\s*$/;
const ISO_DATE = /^\s*\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}|\s*$)/;
const DAY_FIRST = /^\s*\d{1,2}[/.-]\d{1,2}[/.-]\d{4}/;
const EPOCH = /^\s*\d{10}\s*$/;
const EPOCH_MS = /^\s*\d{13}\s*$/;

function isBrazilian(text: string): boolean {
  return BRAZILIAN.test(text) && (!NUMBER.test(text) || /^\s*\d{1,3}\.\d{3}\s*$/.test(text));
}

function isDate(text: string): boolean {
  return [ISO_DATE, DAY_FIRST, EPOCH, EPOCH_MS].some((form) => form.test(text));
}

/** The fit of a value to a kind of target: 0 for not at all, 1 for as text, 2 for by its form. */
export function fits(kind: TargetKind, text: string): 0 | 1 | 2 {
  switch (kind) {
    case "email":
      return EMAIL.test(text) ? 2 : 0;
    case "phone":
      return PHONE.test(text) && !isDate(text) && text.replace(/\D/g, "").length >= 8 ? 2 : 0;
    case "number":
      return NUMBER.test(text) || isBrazilian(text) ? 2 : 0;
    case "date":
      return isDate(text) ? 2 : 0;
    case "boolean":
      return /^(?:true|false|sim|n[ãa]o|yes|no|0|1)$/i.test(text.trim()) ? 2 : 0;
    case "text":
    case "list":
      return 1;
  }
}

/** The transforms that a value needs to become what the target holds. */
export function proposed(kind: TargetKind, text: string): Transform[] {
  switch (kind) {
    case "email":
      return [{ type: "trim" }, { type: "lower" }];
    case "phone":
      return [{ type: "phone" }];
    case "number":
      return isBrazilian(text) ? [{ type: "number", format: "br" }] : [];
    case "date":
      return dateTransforms(text);
    case "list":
      return splitting(text);
    case "text":
      return text === text.trim() ? [] : [{ type: "trim" }];
    case "boolean":
      return [];
  }
}

function dateTransforms(text: string): Transform[] {
  if (DAY_FIRST.test(text)) return [{ type: "date", input: "dmy" }];
  if (EPOCH_MS.test(text)) return [{ type: "date", input: "epoch_ms" }];
  if (EPOCH.test(text)) return [{ type: "date", input: "epoch" }];
  return ISO_DATE.test(text) ? [{ type: "date", input: "iso" }] : [];
}

function splitting(text: string): Transform[] {
  const separator = [";", ","].find((one) => text.includes(one));
  return separator === undefined ? [] : [{ type: "split", separator }, { type: "trim" }];
}

/** Words of keys that name what they hold, in the languages of senders. */
const NAMES: readonly (readonly [RegExp, readonly string[]])[] = [
  [/e-?mail/i, ["contact.email"]],
  [/phone|fone|celular|whats|mobile|tel(?:ef|$)/i, ["contact.phone"]],
  [/^(?:full_?)?(?:name|nome)(?:_?completo)?$|first_?name|customer|cliente/i, ["contact.name"]],
  [/price|amount|valor|value|total|pre[çc]o/i, ["deal.value"]],
  [/title|t[íi]tulo|subject|assunto|product|produto|plano|plan/i, ["deal.title"]],
  [/^tags?$|etiqueta/i, ["deal.tags"]],
  [/stage|etapa/i, ["deal.stage"]],
];

/** The targets that a key's name speaks for, such as `contact.email` for `E-mail`. */
export function namedTargets(key: string): readonly string[] {
  return NAMES.flatMap(([form, targets]) => (form.test(key) ? targets : []));
}
