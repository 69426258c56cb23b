import { pieces } from "./foreign.ts";
import { Kind } from "./jsonIndex.ts";
import { type JsonDocument, kindOf, lengthOf, rawKey, scalarText, sliceOf } from "./jsonTree.ts";

/** Longer values are cut in their row and shown whole on demand. */
export const LONGEST = 2_000;

/** The longest piece of a closed object or list that is drawn behind its count. */
const GLIMPSE = 120;

/** The text with a visible mark in the place of every character that is not drawn as itself. */
export function visible(text: string): string {
  return pieces(text)
    .map((piece) => piece.text)
    .join("");
}

/** A JSON string as it stands, but with letters in the place of the escapes that only stand for letters. */
export function readable(raw: string): string {
  if (!raw.includes("\\")) return visible(raw);
  const text = raw.replace(/\\(?:u([0-9a-fA-F]{4})|.)/gs, (whole, hex: string | undefined) => {
    if (whole === "\\/") return "/";
    const letter = hex === undefined ? "" : String.fromCharCode(Number.parseInt(hex, 16));
    return /[\p{L}\p{N}\p{Sc}\ud800-\udfff]/u.test(letter) ? letter : whole;
  });
  return visible(text);
}

export function keyShown(json: JsonDocument, node: number): string | undefined {
  const raw = rawKey(json, node);
  if (raw === undefined) return undefined;
  // A key without anything unusual needs no quotes to be told from its value.
  const bare = raw.slice(1, -1);
  return /^[\p{L}\p{N}_$ -]+$/u.test(bare) && bare.trim() === bare ? bare : readable(raw);
}

/** The value of a scalar as its row shows it; `cut` says that the row does not show all of it. */
export function valueShown(json: JsonDocument, node: number): { text: string; cut: boolean } {
  const cut = lengthOf(json, node) > LONGEST;
  const raw = sliceOf(json, node, LONGEST);
  return { text: kindOf(json, node) === Kind.string ? readable(raw) : raw, cut };
}

/** The beginning of an object or a list, for the row of a closed one. */
export function glimpse(json: JsonDocument, node: number): string {
  const text = sliceOf(json, node, GLIMPSE);
  return readable(text.replace(/\s+/g, " ")) + (lengthOf(json, node) > GLIMPSE ? "…" : "");
}

/** Another form of a string's content: JSON, or text as base64. */
export interface Decoded {
  readonly form: "json" | "base64";
  readonly text: string;
}

/** The value of a string decoded, where it is JSON (an object or a list) or text as base64. */
export function decode(json: JsonDocument, node: number): Decoded | undefined {
  if (kindOf(json, node) !== Kind.string || lengthOf(json, node) < 4) return undefined;
  const text = scalarText(json, node);
  if (/^\s*[[{]/.test(text)) {
    try {
      JSON.parse(text);
      return { form: "json", text };
    } catch {
      return undefined;
    }
  }
  const bytes = base64(text);
  if (bytes === undefined) return undefined;
  try {
    const decoded = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    // Bytes that happen to be UTF-8, such as those of an image, hold controls that text does not.
    return [...decoded].some(isNoText) ? undefined : { form: "base64", text: decoded };
  } catch {
    return undefined;
  }
}

function isNoText(char: string): boolean {
  return char < " " && char !== "\n" && char !== "\r" && char !== "\t";
}

/** Shorter texts of these letters are words and ids more often than base64. */
const SHORTEST_BASE64 = 16;

function base64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length < SHORTEST_BASE64 || text.length % 4 !== 0) return undefined;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}
