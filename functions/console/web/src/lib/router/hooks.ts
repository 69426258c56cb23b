import { createContext, useContext, useEffect, useSyncExternalStore } from "react";
import { useStore } from "../store.ts";
import type { Params } from "./match.ts";
import type { Blocked, Guard, Place, Router } from "./router.ts";

/** The router of the page, for the parts below. */
export const RouterContext = createContext<Router | null>(null);

export function useRouter(): Router {
  const router = useContext(RouterContext);
  if (!router) throw new Error("a part that goes to addresses stands outside RouterContext");
  return router;
}

/** One part of the shown address; the component is drawn again only when that part changes. */
export function useLocation<T extends string>(select: (place: Place) => T): T {
  const { shown } = useRouter();
  return useSyncExternalStore(shown.subscribe, () => select(shown.get()));
}

/** The values in the path of the shown screen, by their names in the table of routes. */
export function useParams(): Params {
  return useStore(useRouter().shown).match.params;
}

/** Holds back leavings for which `guard` is true; the result is the one that waits for the reader's word. */
export function useBlocker(guard: Guard): Blocked | null {
  const router = useRouter();
  useEffect(() => router.guard(guard), [router, guard]);
  const blocked = useStore(router.blocked);
  return blocked?.by === guard ? blocked : null;
}
