/** A piece of a stranger's text: as it came, or the visible mark of a character that would not be seen. */
export type Piece = { text: string; mark: boolean };

/** Characters shown before the reader asks for all of them. */
export const CUT = 2_000;

function markOf(code: number): string | null {
  // Tab and line feed are what they look like; the picture of a control is its own character.
  if (code < 0x20 && code !== 0x09 && code !== 0x0a) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  const hidden =
    (code >= 0x80 && code < 0xa0) ||
    code === 0xad ||
    code === 0x61c ||
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x2069) ||
    code === 0xfeff ||
    (code >= 0xd800 && code <= 0xdfff) ||
    (code >= 0xfff9 && code <= 0xfffb) ||
    (code >= 0xe0000 && code <= 0xe007f);
  return hidden ? `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩` : null;
}

/**
 * Splits a text into what can be shown and marks for controls, direction changes, characters without width and
 * halves of pairs. Joiners inside emoji are marked too: a stranger's name is to be read, not admired.
 */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let plain = "";
  for (const character of text) {
    const mark = markOf(character.codePointAt(0) ?? 0);
    if (mark === null) {
      plain += character;
      continue;
    }
    if (plain) found.push({ text: plain, mark: false });
    plain = "";
    found.push({ text: mark, mark: true });
  }
  if (plain) found.push({ text: plain, mark: false });
  return found;
}

/** The text as one line for names and titles: marks instead of what would not be seen, cut to `most`. */
export function plainText(text: string, most = 200): string {
  const shown = pieces(text)
    .map((piece) => piece.text)
    .join("");
  const characters = [...shown];
  return characters.length > most ? `${characters.slice(0, most - 1).join("")}…` : shown;
}

/** The first `most` characters without half of a pair at the end. */
export function cut(text: string, most = CUT): string {
  if (text.length <= most) return text;
  const last = text.charCodeAt(most - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? most - 1 : most);
}

/** A long text without its middle, so that both ends of a URL are seen. */
export function middle(text: string, most: number): string {
  const characters = [...text];
  if (characters.length <= most) return text;
  const head = Math.ceil((most - 1) * 0.6);
  const tail = most - 1 - head;
  return `${characters.slice(0, head).join("")}…${characters.slice(characters.length - tail).join("")}`;
}
