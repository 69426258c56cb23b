import { type RefObject, useEffect, useRef } from "react";

/** An element at the end of a list: `load` is called when the reader scrolls near it. */
export function useNearEnd(load: (() => void) | null): RefObject<HTMLDivElement | null> {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (!element || !load) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) load();
      },
      { rootMargin: "600px" },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [load]);
  return place;
}
