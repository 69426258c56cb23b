import { createStore, useStore } from "../lib/store.ts";
import { useKey } from "../lib/useKey.ts";
import { lazyOverlay } from "./lazyOverlay.tsx";
import { useKeys } from "./useKeys.ts";
import type { Nav } from "./useNav.ts";

const KeyList = lazyOverlay(async () => (await import("./KeyList.tsx")).KeyList);

const shown = createStore(false);

/** Opens the list of keys. */
export function showKeys(): void {
  shown.set(true);
}

/** The keys of the console, and their list, which is loaded when it is first opened. */
export function Keys({ nav }: { nav: Nav }) {
  useKeys(nav);
  useKey("keys", showKeys);
  if (!useStore(shown)) return null;
  return <KeyList nav={nav} onClose={() => shown.set(false)} />;
}
