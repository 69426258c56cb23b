import { useCallback, useState } from "react";

/**
 * The version that a form edits: the newest until something is typed, then the one that was there. A form is drawn
 * anew for another version (`key`), so that what was typed is never taken away or saved over what came meanwhile.
 */
export function useHeld<R extends { version: number }>(newest: R) {
  const [held, setHeld] = useState<R>();
  const base = held ?? newest;
  const hold = useCallback((isChanged: boolean) => setHeld(isChanged ? base : undefined), [base]);
  return { base, hold };
}

export type Hold = ReturnType<typeof useHeld>["hold"];
