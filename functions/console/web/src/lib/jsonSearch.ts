import { follow, parsePath } from "./jsonPath.ts";
import { findText } from "./jsonText.ts";
import { type JsonDocument, nodeAt } from "./jsonTree.ts";

/** The most matches that are counted; `more` says that there are others. */
export const MOST_MATCHES = 10_000;

export interface Matches {
  /** The nodes with a match, in the order of the text, each once. */
  readonly nodes: Uint32Array;
  readonly more: boolean;
}

/**
 * Finds a text in keys and values, or the nodes of a path where the query is one. Letters that the text writes
 * with an escape are found by their escape only.
 */
export function searchJson(json: JsonDocument, query: string): Matches {
  const segments = query.startsWith("$") ? parsePath(query) : undefined;
  if (segments !== undefined) {
    const nodes = follow(json, segments, MOST_MATCHES + 1);
    return {
      nodes: Uint32Array.from(nodes.slice(0, MOST_MATCHES)),
      more: nodes.length > MOST_MATCHES,
    };
  }
  const places = findText(json.text, query, MOST_MATCHES + 1);
  const nodes = new Set(places.slice(0, MOST_MATCHES).map((place) => nodeAt(json, place)));
  return {
    nodes: Uint32Array.from([...nodes].sort((a, b) => a - b)),
    more: places.length > MOST_MATCHES,
  };
}
