import { places, spread } from "../lib/attemptLine.ts";
import type { Tone } from "./StatusMark.tsx";
import styles from "./TryLine.module.css";

export type TryMark = {
  id: string;
  /** Milliseconds. */
  at: number;
  /** `made`: with its outcome; `next`: the one that is due; `later`: only if it is needed. */
  kind: "made" | "next" | "later";
  tone?: Tone;
  /** The tip of the mark for a pointer; the list beside the line tells it to everybody. */
  title: string;
  label?: string;
};

/** Percent of the width at either end, for the first and the last mark. */
const MARGIN = 2;
/** The least distance of two marks, as a share of the line. */
const GAP = 0.034;
/** The share of the line at either end in which a label begins or ends at its mark. */
const EDGE = 0.12;

/**
 * A line of time with a mark for each try. Its owner draws the same as a list for readers. Places are percentages, so
 * that marks and labels keep their size on a narrow screen.
 */
export function TryLine(props: {
  start: number;
  marks: readonly TryMark[];
  /** The moment at the end of the line, where two are compared. */
  end?: number | undefined;
}) {
  const moments = props.marks.map(({ at }) => at);
  const start = Math.min(props.start, ...moments);
  const at = spread(places(moments, start, props.end), GAP);
  const labelled = props.marks.some(({ label }) => label);
  return (
    <svg height={labelled ? 52 : 32} className={styles.line} aria-hidden="true" focusable="false">
      <line x1={`${MARGIN}%`} x2={`${100 - MARGIN}%`} y1="16" y2="16" className={styles.axis} />
      {props.marks.map((mark, i) => (
        <Dot key={mark.id} mark={mark} place={at[i] ?? 0} />
      ))}
    </svg>
  );
}

function Dot({ mark, place }: { mark: TryMark; place: number }) {
  const anchor = place < EDGE ? "start" : place > 1 - EDGE ? "end" : "middle";
  return (
    <svg
      x={`${MARGIN + place * (100 - 2 * MARGIN)}%`}
      className={styles.mark}
      data-kind={mark.kind}
      data-tone={mark.tone}
      aria-hidden="true"
    >
      <title>{mark.title}</title>
      <circle cy="16" r={mark.kind === "later" ? 4 : 6.5} />
      {mark.kind === "made" && mark.tone === "bad" && <path d="M-2.5 13.5l5 5M2.5 13.5l-5 5" />}
      {mark.kind === "made" && mark.tone === "ok" && <path d="M-3 16l2 2.2 4-4.6" />}
      {mark.label && (
        <text y="44" textAnchor={anchor}>
          {mark.label}
        </text>
      )}
    </svg>
  );
}
