import type { NavKey } from "./nav.ts";

export interface Badge {
  text: string;
  /** The number with its noun, for screen readers. */
  label: string;
}

/** Numbers beside items of the left bar. */
export function useBadges(): Partial<Record<NavKey, Badge>> {
  return {};
}
