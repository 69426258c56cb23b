import { words as en } from "../../../functions/console/web/src/words/en/index.ts";
import { words as pt } from "../../../functions/console/web/src/words/pt/index.ts";

export type Language = "pt" | "en";
export type Words = typeof pt;

export const WORDS: Record<Language, Words> = { pt, en };

/** The texts of a catalogue: its plain texts, and a pattern for each text with parts. */
export type Sayings = { texts: Set<string>; patterns: RegExp[] };

const NUMBER = 7;
const TEXT = "§";
/** Letters that a pattern needs outside of its parts; with fewer it would match names too. */
const LETTERS = 5;

export function sayingsOf(words: Words): Sayings {
  const sayings: Sayings = { texts: new Set(), patterns: [] };
  collect(words, sayings);
  return sayings;
}

function collect(value: unknown, into: Sayings): void {
  if (typeof value === "string") into.texts.add(value);
  else if (typeof value === "function") into.patterns.push(...patternsOf(value as Message));
  else if (typeof value === "object" && value !== null) {
    for (const part of Object.values(value)) collect(part, into);
  }
}

type Message = (...parts: unknown[]) => unknown;

/** A message is called with marks in the place of its parts, which are numbers, texts or lists. */
function patternsOf(message: Message): RegExp[] {
  for (const parts of combinations([TEXT, NUMBER, [TEXT]], message.length)) {
    const said = call(message, parts);
    const plain = said?.replace(/[§7]/gu, "") ?? "";
    if (said && !/NaN|undefined/.test(said) && (plain.match(/\p{L}/gu)?.length ?? 0) >= LETTERS) {
      return [new RegExp(`^${escaped(said).replace(/[§7]/gu, ".+")}$`, "u")];
    }
  }
  return [];
}

function call(message: Message, parts: unknown[]): string | undefined {
  try {
    const said = message(...parts);
    return typeof said === "string" ? said : undefined;
  } catch {
    // A part of the wrong kind: the next combination is tried.
    return undefined;
  }
}

function combinations(kinds: readonly unknown[], length: number): unknown[][] {
  if (length === 0) return [[]];
  return combinations(kinds, length - 1).flatMap((rest) => kinds.map((kind) => [...rest, kind]));
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Texts that only the other language says. */
export function foreignTo(own: Sayings, other: Sayings, texts: readonly string[]): string[] {
  const says = ({ texts: all, patterns }: Sayings, text: string) =>
    all.has(text) || patterns.some((pattern) => pattern.test(text));
  return texts.filter((text) => /\p{L}{3}/u.test(text) && says(other, text) && !says(own, text));
}
