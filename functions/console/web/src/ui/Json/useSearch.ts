import { useEffect, useRef, useState } from "react";
import type { JsonReader } from "./reader.ts";

export interface Found {
  readonly query: string;
  /** Nodes in the tree, places in the text. */
  readonly at: Uint32Array;
  readonly more: boolean;
  readonly current: number;
}

export type SearchIn = "tree" | "text" | "formatted";

/** Searches one view; the same query again goes to the next match, `step` -1 to the one before. */
export function useSearch(reader: JsonReader, within: SearchIn) {
  const [found, setFound] = useState<Found>();
  const last = useRef(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another text or view has other matches.
  useEffect(() => {
    last.current += 1;
    setFound(undefined);
  }, [reader, within]);

  async function search(query: string, step: 1 | -1): Promise<void> {
    if (query === "") return setFound(undefined);
    if (found?.query === query) {
      const length = found.at.length;
      if (length === 0) return;
      return setFound({ ...found, current: (found.current + step + length) % length });
    }
    last.current += 1;
    const mine = last.current;
    const matches =
      within === "tree"
        ? await reader.search(query).then(({ nodes, more }) => ({ at: nodes, more }))
        : await reader.find(query, within === "formatted").then((at) => ({ at, more: false }));
    if (mine === last.current) setFound({ query, ...matches, current: 0 });
  }
  return { found, search, clear: () => setFound(undefined) };
}
