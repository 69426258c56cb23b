import { QueryClientProvider } from "@tanstack/react-query";
import { useEffect } from "react";
import { queryClient } from "../api/queries.ts";
import { usePreferences } from "../lib/preferences.ts";
import { RouterContext } from "../lib/router/hooks.ts";
import { router } from "../routes.tsx";
import { loadWords } from "../words/index.ts";
import { Root } from "./Root.tsx";

export function App() {
  const { language } = usePreferences();
  useEffect(() => {
    // The language before stays in force where the other cannot be had.
    loadWords(language).catch(() => {});
  }, [language]);
  return (
    <QueryClientProvider client={queryClient}>
      <RouterContext value={router}>
        <Root />
      </RouterContext>
    </QueryClientProvider>
  );
}
