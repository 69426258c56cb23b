import type { Preferences } from "../lib/preferences.ts";

/** Puts theme and density on the root element, where `ui/tokens.css` reads them. */
export function applyAppearance(chosen: Pick<Preferences, "theme" | "density">): void {
  const { dataset } = document.documentElement;
  if (chosen.theme === "system") delete dataset.theme;
  else dataset.theme = chosen.theme;
  dataset.density = chosen.density;
}
