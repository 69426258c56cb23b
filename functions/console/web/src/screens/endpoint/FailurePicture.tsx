import { clockText } from "../../lib/time.ts";
import { PictureLink } from "../../ui/PictureLink.tsx";
import { useWidth } from "../../ui/useWidth.ts";
import { useLanguage, useZones } from "../../ui/zone.tsx";
import styles from "./Endpoint.module.css";
import type { Dot, Failures } from "./failures.ts";
import { ticks } from "./ticks.ts";

const HEIGHT = 168;
const PAD = { left: 32, right: 14, top: 20, bottom: 26 };
/** Pixels that the label of a tick needs. */
const TICK = 96;
/** A line of time is at least this long, so that a burst has a shape. */
const SHORTEST = 2_000;

/** The running count of failures over time, with the line of the limit. The table below it says the same in words. */
export function FailurePicture(props: {
  failures: Failures;
  limitText: string;
  titleOf: (dot: Dot) => string;
  hrefOf: (dot: Dot) => string;
}) {
  const { dots, successes, limit } = props.failures;
  const [box, width] = useWidth(720);
  const { shown } = useZones();
  const language = useLanguage();
  const moments = [...dots.map(({ at }) => at), ...successes].map((at) => Date.parse(at));
  const end = Math.max(...moments);
  const start = Math.min(...moments, end - SHORTEST);
  const most = Math.max(limit, dots.at(-1)?.number ?? 0) * 1.08;
  const right = width - PAD.right;
  const bottom = HEIGHT - PAD.bottom;
  const x = (at: number) => PAD.left + ((at - start) / (end - start)) * (right - PAD.left);
  const y = (count: number) => bottom - (count / most) * (bottom - PAD.top);
  const xOf = (at: string) => x(Date.parse(at));
  const path = dots.map((dot, i) => `${i === 0 ? "M" : "L"}${xOf(dot.at)} ${y(dot.number)}`);
  return (
    <svg ref={box} height={HEIGHT} className={styles.picture} aria-hidden="true">
      {ticks(start, end, Math.max(2, Math.floor(width / TICK))).map((at) => (
        <g key={at} className={styles.tick}>
          <line x1={x(at)} x2={x(at)} y1={PAD.top} y2={bottom + 5} />
          <text x={x(at)} y={HEIGHT - 6} textAnchor={x(at) > right - 30 ? "end" : "middle"}>
            {clockText(new Date(at).toISOString(), shown, language)}
          </text>
        </g>
      ))}
      <line x1={PAD.left} x2={right} y1={bottom} y2={bottom} className={styles.axis} />
      <g className={styles.count}>
        <text x={PAD.left - 8} y={bottom + 4}>
          0
        </text>
        <text x={PAD.left - 8} y={y(limit) + 4}>
          {limit}
        </text>
      </g>
      <line x1={PAD.left} x2={right} y1={y(limit)} y2={y(limit)} className={styles.limit} />
      <text x={PAD.left + 4} y={y(limit) - 6} className={styles.limitText}>
        {props.limitText}
      </text>
      {successes.map((at) => (
        <line
          key={at}
          x1={xOf(at)}
          x2={xOf(at)}
          y1={bottom - 8}
          y2={bottom}
          className={styles.success}
        />
      ))}
      <path d={path.join("")} className={styles.run} />
      {dots.map((dot) => (
        <DotLink
          key={`${dot.delivery} ${dot.attempt}`}
          dot={dot}
          x={xOf(dot.at)}
          y={y(dot.number)}
          href={props.hrefOf(dot)}
          title={props.titleOf(dot)}
        />
      ))}
    </svg>
  );
}

function DotLink(props: { dot: Dot; x: number; y: number; href: string; title: string }) {
  const { dot, x, y, href } = props;
  const look = dot.crossed ? `${styles.dot} ${styles.crossed}` : styles.dot;
  return (
    <PictureLink href={href} className={look ?? ""}>
      <title>{props.title}</title>
      <circle cx={x} cy={y} r="12" className={styles.target} />
      {dot.outcome.status === null ? (
        <rect x={x - 4} y={y - 4} width="8" height="8" />
      ) : (
        <circle cx={x} cy={y} r={dot.crossed ? 6 : 4.5} />
      )}
    </PictureLink>
  );
}
