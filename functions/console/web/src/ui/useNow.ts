import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
let now = Date.now();
let timer: number | undefined;

function tick(): void {
  if (document.hidden) return;
  now = Date.now();
  for (const listener of [...listeners]) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    now = Date.now();
    timer = window.setInterval(tick, 1000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      window.clearInterval(timer);
      timer = undefined;
    }
  };
}

const readNow = (): number => now;
const follow = { every: subscribe, never: () => () => {} };

/**
 * The present time in milliseconds, each second anew; one clock for the whole page, which stands while the page is
 * hidden. With `active` false the component is not drawn again.
 */
export function useNow(active = true): number {
  return useSyncExternalStore(active ? follow.every : follow.never, readNow);
}
