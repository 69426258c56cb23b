import { useEffect } from "react";
import { usePreferences } from "../lib/preferences.ts";
import { isTyping } from "./useGoKeys.ts";

/** Letters that lead to a part of the screen: `/` its search, `f` its first filter. */
const PLACES: Record<string, string> = { "/": "[data-search]", f: "[data-filter]" };

/** Puts the focus on the search or the first filter of the screen. */
export function useScreenKeys(): void {
  const { shortcuts } = usePreferences();
  useEffect(() => {
    if (!shortcuts) return;
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event) || document.querySelector("[aria-modal=true]")) return;
      const place = PLACES[event.key];
      const found = place && document.querySelector<HTMLElement>(`#content ${place}`);
      if (!found) return;
      event.preventDefault();
      event.stopPropagation();
      found.focus();
    };
    document.addEventListener("keydown", onKey, true);
    return () => document.removeEventListener("keydown", onKey, true);
  }, [shortcuts]);
}
