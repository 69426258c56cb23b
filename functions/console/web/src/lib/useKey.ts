import { useEffect, useEffectEvent } from "react";
import type { ActKey } from "./keys.ts";

const actions = new Map<ActKey, (() => void)[]>();

/** Does `run` on a key of the table, as long as the part that calls this is in the page. */
export function useKey(key: ActKey, run: (() => void) | undefined): void {
  const act = useEffectEvent(() => run?.());
  const acts = run !== undefined;
  useEffect(() => {
    if (!acts) return;
    const own = () => act();
    actions.set(key, [...(actions.get(key) ?? []), own]);
    return () => {
      actions.set(key, actions.get(key)?.filter((one) => one !== own) ?? []);
    };
  }, [key, acts]);
}

/** Does what the part that came last wants of a key. False where nothing on the page wants it. */
export function runKey(key: ActKey): boolean {
  const run = actions.get(key)?.at(-1);
  run?.();
  return run !== undefined;
}
