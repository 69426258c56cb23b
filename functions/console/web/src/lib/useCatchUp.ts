import { useCallback, useEffect, useRef, useState } from "react";
import { CATCHES_UP, catchUpIn, isBehind, type Reading } from "./catchUp.ts";

/**
 * Asks a list again until its counters know its rows, and after an action of the reader. A live list is left alone: it
 * asks by itself. A hidden tab asks nothing until it is shown again.
 */
export function useCatchUp(
  reading: Reading,
  { live, again }: { live: boolean; again: () => void },
) {
  const [acted, setActed] = useState(false);
  const { readAt, newest } = reading;
  const tries = useRef({ asked: 0, newest });
  // A newer row has its own tries.
  if (tries.current.newest !== newest) tries.current = { asked: 0, newest };
  const wait = live ? false : catchUpIn(reading, { asked: tries.current.asked, acted });

  // biome-ignore lint/correctness/useExhaustiveDependencies: each answer begins a wait of its own
  useEffect(() => {
    if (wait === false) return;
    const ask = () => {
      if (document.visibilityState === "hidden") return;
      document.removeEventListener("visibilitychange", ask);
      tries.current.asked += 1;
      if (wait === CATCHES_UP) setActed(false);
      again();
    };
    const timer = window.setTimeout(() => {
      document.addEventListener("visibilitychange", ask);
      ask();
    }, wait);
    return () => {
      window.clearTimeout(timer);
      document.removeEventListener("visibilitychange", ask);
    };
  }, [wait, readAt, again]);

  /** Called when the reader did something that changes the rows. */
  const act = useCallback(() => {
    tries.current.asked = 0;
    setActed(true);
  }, []);
  return { catching: acted || (wait !== false && isBehind(reading)), act };
}
