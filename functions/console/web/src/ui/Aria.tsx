import type { ReactNode } from "react";
import { I18nProvider, RouterProvider } from "react-aria-components";
import { useRouter } from "../lib/router/hooks.ts";
import { useLocaleTag } from "../words/index.ts";

/** The surroundings of React Aria's parts: the language, and a way for their links through the router. */
export function Aria({ children }: { children: ReactNode }) {
  const router = useRouter();
  return (
    <I18nProvider locale={useLocaleTag()}>
      <RouterProvider navigate={(href) => void router.navigate({ href })}>
        {children}
      </RouterProvider>
    </I18nProvider>
  );
}
