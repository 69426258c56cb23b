import { useLocation, useRouter } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { type Codec, parseQuery, writeQuery } from "./search.ts";

export type Step = "push" | "replace";

/** Search parameters of the screen, and a function that changes some of them. */
export function useAddress<T>(
  codec: Codec<T>,
): readonly [T, (change: Partial<T>, step?: Step) => void] {
  const searchStr = useLocation({ select: (location) => location.searchStr });
  const router = useRouter();
  const values = useMemo(() => codec.parse(parseQuery(searchStr)), [codec, searchStr]);
  const change = useCallback(
    (part: Partial<T>, step: Step = "push") => {
      // Two changes can follow each other before a render: the newest address is read here.
      const { pathname, searchStr: now } = router.state.location;
      const next = writeQuery(codec.write({ ...codec.parse(parseQuery(now)), ...part }));
      if (next === now) return;
      void router.navigate({
        href: pathname + next,
        replace: step === "replace",
        resetScroll: false,
      });
    },
    [codec, router],
  );
  return [values, change];
}
