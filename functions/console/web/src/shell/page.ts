import { useEffect } from "react";
import { plainText } from "../lib/foreign.ts";
import { createStore } from "../lib/store.ts";

export interface Crumb {
  label: string;
  href?: string | undefined;
}

/** The way to the screen shown, for the top bar. The last one is the screen itself. */
export const crumbs = createStore<readonly Crumb[]>([]);

/** Tells the top bar and the browser where the reader is. */
export function useCrumbs(way: readonly Crumb[], product: string): void {
  const key = JSON.stringify(way.map((one) => ({ ...one, label: plainText(one.label, 120) })));
  useEffect(() => {
    const now: Crumb[] = JSON.parse(key);
    crumbs.set(now);
    document.title = [...now.map((crumb) => crumb.label).reverse(), product].join(" · ");
  }, [key, product]);
}
