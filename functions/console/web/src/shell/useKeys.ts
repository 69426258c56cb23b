import { useEffect, useRef } from "react";
import { keyOf, type Where } from "../lib/keys.ts";
import { usePreferences } from "../lib/preferences.ts";
import { useRouter } from "../lib/router/hooks.ts";
import { isTyping } from "../lib/typing.ts";
import { runKey } from "../lib/useKey.ts";
import type { Nav } from "./useNav.ts";

/** Milliseconds in which the second letter has to follow `g`. */
const FOLLOWS = 1200;

type Place = Exclude<Where, "go">;

/** The places whose keys act now. */
function placesNow(): readonly Place[] {
  const top = [...document.querySelectorAll("[role=dialog], [role=alertdialog], dialog[open]")].at(
    -1,
  );
  if (!top) return ["anywhere", "detail", "list"];
  return top.hasAttribute("data-drawer") ? ["anywhere", "detail"] : [];
}

/** The row of a list that takes the keys of lists: the one that was used last, else the first. */
function rowToEnter(): HTMLElement | null {
  const rows = "#content tbody tr[data-key]";
  return document.querySelector(`${rows}[tabindex="0"]`) ?? document.querySelector(rows);
}

/** Does what the single letters of the table mean. Keys of a list are taken by the list that has the focus. */
export function useKeys(nav: Nav): void {
  const router = useRouter();
  const { shortcuts } = usePreferences();
  const since = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    if (!shortcuts) return;
    const items = nav.groups.flatMap((group) => group.items);

    function go(event: KeyboardEvent): boolean {
      const key = keyOf(event, "go", "g");
      const item = items.find((one) => one.key === key);
      if (item) void router.navigate({ href: nav.href(item) });
      return item !== undefined;
    }

    function act(event: KeyboardEvent, place: Place): boolean {
      const key = keyOf(event, place);
      if (key === undefined) return false;
      if (place !== "list") return runKey(key);
      const row = rowToEnter();
      row?.focus();
      return row !== null;
    }

    // Capturing, because a list below takes single letters as type-ahead.
    function onKey(event: KeyboardEvent): void {
      const places = placesNow();
      if (isTyping(event) || places.length === 0) return;
      const second = event.timeStamp - since.current < FOLLOWS;
      const first = !second && event.key === "g" && !event.ctrlKey && !event.metaKey;
      since.current = first ? event.timeStamp : Number.NEGATIVE_INFINITY;
      const inRow = event.target instanceof HTMLElement && event.target.closest("tr[data-key]");
      if (!second && inRow && keyOf(event, "list")) return;
      const done = first || (second ? go(event) : places.some((place) => act(event, place)));
      if (!done) return;
      event.preventDefault();
      event.stopPropagation();
    }
    document.addEventListener("keydown", onKey, true);
    return () => document.removeEventListener("keydown", onKey, true);
  }, [nav, router, shortcuts]);
}
