import { useEffect, useRef } from "react";
import { usePreferences } from "../lib/preferences.ts";
import { useRouter } from "../lib/router/hooks.ts";
import type { Nav } from "./useNav.ts";

/** Milliseconds in which the second letter has to follow `g`. */
const FOLLOWS = 1200;

/** The key press stands in a field, or belongs to the browser. */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target.closest("input, textarea, select, [role=menu], [role=listbox], [role=searchbox]") !==
      null
  );
}

/** `g` and then a letter lead to a screen. */
export function useGoKeys(nav: Nav): void {
  const router = useRouter();
  const { shortcuts } = usePreferences();
  const since = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    if (!shortcuts) return;
    const items = nav.groups.flatMap((group) => group.items);
    // Capturing, because a list below takes single letters as type-ahead.
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event)) return;
      const second = event.timeStamp - since.current < FOLLOWS;
      since.current = event.key === "g" && !second ? event.timeStamp : Number.NEGATIVE_INFINITY;
      if (!second) return;
      const item = items.find((one) => one.letter === event.key);
      if (!item) return;
      event.preventDefault();
      event.stopPropagation();
      void router.navigate({ href: nav.href(item) });
    };
    document.addEventListener("keydown", onKey, true);
    return () => document.removeEventListener("keydown", onKey, true);
  }, [nav, router, shortcuts]);
}
