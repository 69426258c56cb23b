import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from "react";

/** Browsers draw no box much higher than this; longer lists are scrolled in proportion. */
const HIGHEST = 8_000_000;
const OVERSCAN = 4;

interface Window {
  readonly top: number;
  readonly view: number;
}

export interface Virtual {
  readonly ref: RefObject<HTMLDivElement | null>;
  readonly onScroll: () => void;
  /** The first row that is drawn and the one after the last. */
  readonly first: number;
  readonly last: number;
  /** Heights in pixels: of the whole box, and from its top to the first drawn row. */
  readonly height: number;
  readonly offset: number;
  /** The number of rows that are seen at once. */
  readonly page: number;
  readonly scrollTo: (row: number) => void;
}

/** The part of a list of rows of one height that is to be drawn. */
export function useVirtual(rows: number, rowHeight: number): Virtual {
  const ref = useRef<HTMLDivElement>(null);
  const [{ top, view }, setWindow] = useState<Window>({ top: 0, view: 400 });
  const whole = rows * rowHeight;
  const height = Math.min(whole, HIGHEST);
  const scale = height > view ? (whole - view) / (height - view) : 1;

  const onScroll = useCallback(() => {
    const box = ref.current;
    if (box === null) return;
    setWindow((old) =>
      old.top === box.scrollTop && old.view === box.clientHeight
        ? old
        : { top: box.scrollTop, view: box.clientHeight },
    );
  }, []);

  useLayoutEffect(() => {
    const box = ref.current;
    if (box === null) return;
    onScroll();
    const observer = new ResizeObserver(onScroll);
    observer.observe(box);
    return () => observer.disconnect();
  }, [onScroll]);

  const shownTop = top * scale;
  const first = Math.max(0, Math.floor(shownTop / rowHeight) - OVERSCAN);
  const last = Math.min(rows, Math.ceil((shownTop + view) / rowHeight) + OVERSCAN);

  const scrollTo = useCallback(
    (row: number) => {
      const box = ref.current;
      if (box === null) return;
      const seen = box.scrollTop * scale;
      const from = row * rowHeight;
      const until = from + rowHeight - box.clientHeight;
      // A row far away comes to the middle, so that what is around it can be read.
      const far = Math.abs(from - seen) > box.clientHeight * 2;
      if (far) box.scrollTop = (from - box.clientHeight / 2) / scale;
      else if (from < seen) box.scrollTop = from / scale;
      else if (until > seen) box.scrollTop = until / scale;
      onScroll();
    },
    [rowHeight, scale, onScroll],
  );

  const page = Math.max(1, Math.floor(view / rowHeight) - 1);
  const offset = top + first * rowHeight - shownTop;
  return { ref, onScroll, first, last, height, offset, page, scrollTo };
}
