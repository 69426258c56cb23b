import { type RefCallback, useCallback, useState } from "react";

/** The width of an element in pixels, for pictures whose texts keep their size; `first` until it is known. */
export function useWidth(first: number): [RefCallback<Element>, number] {
  const [width, setWidth] = useState(first);
  const ref = useCallback((element: Element | null) => {
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.max(1, Math.round(entry.contentRect.width)));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}
