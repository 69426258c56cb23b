import { loadPart } from "../lib/loadPart.ts";
import type { Language } from "../lib/preferences.ts";
import { createStore, useStore } from "../lib/store.ts";
import type { words as source } from "./pt/index.ts";

/** Every text of the console in one language. Portuguese is the source; English has its type. */
export type Words = typeof source;

interface Loaded {
  language: Language;
  words: Words;
}

const loaded = createStore<Loaded | null>(null);

const files: Record<Language, () => Promise<{ words: Words }>> = {
  pt: () => import("./pt/index.ts"),
  en: () => import("./en/index.ts"),
};

/** Loads a language and puts it in force. The one before stays in force until the new one is there. */
export async function loadWords(language: Language): Promise<void> {
  const { words } = await loadPart(files[language], false);
  document.documentElement.lang = language === "pt" ? "pt-BR" : "en";
  loaded.set({ language, words });
}

function useLoaded(): Loaded {
  const now = useStore(loaded);
  if (!now) throw new Error("a screen was drawn before its words were loaded");
  return now;
}

/** Every text in the language in use. */
export function useWords(): Words {
  return useLoaded().words;
}

/** The tag for `Intl` and React Aria: the words shown and the formats of numbers always agree. */
export function useLocaleTag(): "pt-BR" | "en-US" {
  return useLoaded().language === "pt" ? "pt-BR" : "en-US";
}
