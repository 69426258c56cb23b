import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect } from "react";
import { I18nProvider } from "react-aria-components";
import { queryClient } from "../api/queries.ts";
import { usePreferences } from "../lib/preferences.ts";
import { router } from "../routes.tsx";
import { loadWords, useLocaleTag } from "../words/index.ts";

export function App() {
  const { language } = usePreferences();
  const tag = useLocaleTag();
  useEffect(() => {
    void loadWords(language);
  }, [language]);
  return (
    <I18nProvider locale={tag}>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </I18nProvider>
  );
}
