/** One page of a CSV: its text, and the cursor of the page after it. */
export type CsvPage = { text: string; next: string | null };

export type CsvProgress = { rows: number; done: boolean };

/** Number of records in a CSV text, its header not counted; quoted line breaks do not end a record. */
export function countRecords(text: string): number {
  let quoted = false;
  let records = 0;
  let empty = true;
  for (let i = 0; i < text.length; i += 1) {
    const c = text.charCodeAt(i);
    if (c === 34) quoted = !quoted;
    if (c === 10 && !quoted) {
      if (!empty) records += 1;
      empty = true;
    } else if (c !== 13) {
      empty = false;
    }
  }
  if (!empty) records += 1;
  return Math.max(0, records - 1);
}

/** The text without its first record (the header), which every page of the API repeats. */
export function withoutHeader(text: string): string {
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const c = text.charCodeAt(i);
    if (c === 34) quoted = !quoted;
    if (c === 10 && !quoted) return text.slice(i + 1);
  }
  return "";
}

/**
 * Fetches the pages of a CSV one after another and joins them under one header. `page` rejects where a page fails
 * or the reader cancels; nothing is saved then, since half a file looks like a whole one.
 */
export async function collectCsv(
  page: (cursor: string | null) => Promise<CsvPage>,
  progress: (now: CsvProgress) => void,
): Promise<string[]> {
  const parts: string[] = [];
  let cursor: string | null = null;
  let rows = 0;
  do {
    const { text, next }: CsvPage = await page(cursor);
    rows += countRecords(text);
    const body = parts.length ? withoutHeader(text) : text;
    if (body) parts.push(body.endsWith("\n") ? body : `${body}\n`);
    cursor = next;
    progress({ rows, done: cursor === null });
  } while (cursor !== null);
  return parts;
}

/** A file name of words that every system takes: `disparos-2026-11-01-2026-11-28.csv`. */
export function csvName(...words: (string | null | undefined)[]): string {
  const clean = words
    .filter((word): word is string => Boolean(word))
    .map((word) =>
      word
        .normalize("NFD")
        .replace(/\p{M}/gu, "")
        .replace(/[^A-Za-z0-9-]+/g, "-")
        .replace(/^-+|-+$/g, "")
        .toLowerCase(),
    )
    .filter(Boolean);
  return `${clean.join("-") || "gancho"}.csv`;
}
