import { useEffect } from "react";

/** Calls `onIdle` once no key, pointer or wheel was used for `milliseconds`, while `active`. */
export function useIdle(active: boolean, milliseconds: number, onIdle: () => void): void {
  useEffect(() => {
    if (!active) return;
    let timer = window.setTimeout(onIdle, milliseconds);
    const again = () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(onIdle, milliseconds);
    };
    const kinds = ["keydown", "pointerdown", "pointermove", "wheel"] as const;
    for (const kind of kinds) window.addEventListener(kind, again, { passive: true });
    return () => {
      window.clearTimeout(timer);
      for (const kind of kinds) window.removeEventListener(kind, again);
    };
  }, [active, milliseconds, onIdle]);
}
