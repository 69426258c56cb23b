import { useCallback, useEffect, useRef } from "react";
import type { Step } from "./address.ts";
import { useRouter } from "./router/hooks.ts";

/**
 * Opening a drawer makes an entry of the history, another row replaces it, and closing goes back to the list's
 * entry where this page made one, so that Back never reopens what was closed.
 */
export function useDrawer(
  open: string | undefined,
  set: (id: string | undefined, step: Step) => void,
) {
  const router = useRouter();
  const pushed = useRef(false);
  useEffect(() => {
    if (open === undefined) pushed.current = false;
  }, [open]);
  const show = useCallback(
    (id: string) => {
      const first = open === undefined;
      if (first) pushed.current = true;
      set(id, first ? "push" : "replace");
    },
    [open, set],
  );
  const close = useCallback(() => {
    if (pushed.current) router.back();
    else set(undefined, "replace");
  }, [router, set]);
  return { show, close };
}
