import { createStore, useStore } from "./store.ts";

export type Language = "pt" | "en";
export type Theme = "light" | "dark" | "system";
export type Density = "normal" | "compact";
/** The zone that times are shown in. */
export type ZoneChoice = "workspace" | "browser" | "utc";

/** Choices of the reader, kept in `localStorage`. They never hold data of a workspace or a secret. */
export interface Preferences {
  language: Language;
  theme: Theme;
  density: Density;
  zone: ZoneChoice;
  /** Times of the last 24 hours are shown relative to now. */
  relative: boolean;
  /** Single letters act as shortcuts. */
  shortcuts: boolean;
  sidebarFolded: boolean;
  lastWorkspace: string | null;
  /** The origin used last, by workspace. */
  lastOrigin: Record<string, string>;
  /** Ids of the columns shown, by table. */
  columns: Record<string, string[]>;
  /** Workspaces whose first steps were put away. */
  hiddenSteps: string[];
}

const KEY = "gancho-preferences";

/** Portuguese, unless English comes first among the languages of the browser. */
export function languageOf(languages: readonly string[]): Language {
  for (const tag of languages) {
    const base = tag.toLowerCase().split("-")[0];
    if (base === "pt" || base === "en") return base;
  }
  return "pt";
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[], otherwise: T): T {
  return allowed.find((item) => item === value) ?? otherwise;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function records<T>(value: unknown, check: (item: unknown) => item is T): Record<string, T> {
  const kept: Record<string, T> = {};
  if (!isRecord(value)) return kept;
  for (const [key, item] of Object.entries(value)) if (check(item)) kept[key] = item;
  return kept;
}

const isText = (item: unknown): item is string => typeof item === "string";
const isTexts = (item: unknown): item is string[] => Array.isArray(item) && item.every(isText);

/** Reads stored preferences; values of another form become the default. */
export function parsePreferences(text: string | null, languages: readonly string[]): Preferences {
  let stored: unknown = null;
  try {
    stored = JSON.parse(text ?? "null");
  } catch {
    // Storage can be edited by hand. The defaults apply.
  }
  const from = isRecord(stored) ? stored : {};
  return {
    language: oneOf(from.language, ["pt", "en"], languageOf(languages)),
    theme: oneOf(from.theme, ["light", "dark", "system"], "system"),
    density: oneOf(from.density, ["normal", "compact"], "normal"),
    zone: oneOf(from.zone, ["workspace", "browser", "utc"], "workspace"),
    relative: from.relative === true,
    shortcuts: from.shortcuts !== false,
    sidebarFolded: from.sidebarFolded === true,
    lastWorkspace: isText(from.lastWorkspace) ? from.lastWorkspace : null,
    lastOrigin: records(from.lastOrigin, isText),
    columns: records(from.columns, isTexts),
    hiddenSteps: isTexts(from.hiddenSteps) ? from.hiddenSteps : [],
  };
}

function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

const browserLanguages = typeof navigator === "undefined" ? [] : navigator.languages;

export const preferences = createStore<Preferences>(parsePreferences(stored(), browserLanguages));

export function changePreferences(change: Partial<Preferences>): void {
  const next = { ...preferences.get(), ...change };
  preferences.set(next);
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // Storage can be full or refused: the choice then lasts as long as the page.
  }
}

export function usePreferences(): Preferences {
  return useStore(preferences);
}
