import { useCallback, useMemo } from "react";
import { useLocation, useRouter } from "./router/hooks.ts";
import { type Codec, parseQuery, writeQuery } from "./search.ts";

export type Step = "push" | "replace";

/** Search parameters of the screen, and a function that changes some of them. */
export function useAddress<T>(
  codec: Codec<T>,
): readonly [T, (change: Partial<T>, step?: Step) => void] {
  const search = useLocation((place) => place.search);
  const router = useRouter();
  const values = useMemo(() => codec.parse(parseQuery(search)), [codec, search]);
  const change = useCallback(
    (part: Partial<T>, step: Step = "push") => {
      // Two changes can follow each other before a render: the newest address is read here.
      const { pathname, search: now } = router.shown.get();
      const next = writeQuery(codec.write({ ...codec.parse(parseQuery(now)), ...part }));
      if (next === now) return;
      void router.navigate({
        href: pathname + next,
        replace: step === "replace",
        keepScroll: true,
      });
    },
    [codec, router],
  );
  return [values, change];
}
