import { places, spread } from "../lib/attemptLine.ts";
import type { Tone } from "./StatusMark.tsx";
import styles from "./TryLine.module.css";
import { useWidth } from "./useWidth.ts";

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

const MARGIN = 12;
/** The least distance of two marks, in pixels. */
const GAP = 20;

/** A line of time with a mark for each try. Its owner draws the same as a list for readers. */
export function TryLine(props: { start: number; marks: readonly TryMark[]; now?: number }) {
  const [box, width] = useWidth(600);
  const moments = props.marks.map(({ at }) => at);
  const start = Math.min(props.start, ...moments);
  const line = Math.max(1, width - 2 * MARGIN);
  const at = spread(places(moments, start), GAP / line);
  const x = (place: number) => MARGIN + place * line;
  const labelled = props.marks.some(({ label }) => label);
  return (
    <svg
      ref={box}
      height={labelled ? 52 : 32}
      className={styles.line}
      aria-hidden="true"
      focusable="false"
    >
      <line x1={MARGIN} x2={MARGIN + line} y1="16" y2="16" className={styles.axis} />
      {props.marks.map((mark, i) => (
        <Dot key={mark.id} mark={mark} x={x(at[i] ?? 0)} last={i === props.marks.length - 1} />
      ))}
    </svg>
  );
}

function Dot({ mark, x, last }: { mark: TryMark; x: number; last: boolean }) {
  return (
    <g className={styles.mark} data-kind={mark.kind} data-tone={mark.tone}>
      <title>{mark.title}</title>
      <circle cx={x} cy="16" r={mark.kind === "later" ? 4 : 6.5} />
      {mark.kind === "made" && mark.tone === "bad" && (
        <path d={`M${x - 2.5} 13.5l5 5M${x + 2.5} 13.5l-5 5`} />
      )}
      {mark.kind === "made" && mark.tone === "ok" && <path d={`M${x - 3} 16l2 2.2 4-4.6`} />}
      {mark.label && (
        <text x={x} y="44" textAnchor={last ? "end" : x < 30 ? "start" : "middle"}>
          {mark.label}
        </text>
      )}
    </g>
  );
}
