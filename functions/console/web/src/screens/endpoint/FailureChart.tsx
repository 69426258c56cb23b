import { useWorkspace } from "../../api/context.tsx";
import { paths } from "../../lib/paths.ts";
import { clockText, momentText } from "../../lib/time.ts";
import { Readers } from "../../ui/Chart.tsx";
import { Link } from "../../ui/Link.tsx";
import { useLanguage, useZones } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import { outcomeText } from "../deliveries/words.ts";
import type { Endpoint } from "../endpoints/useEndpointActions.tsx";
import styles from "./Endpoint.module.css";
import { type Dot, failureDots } from "./failures.ts";

const WIDTH = 720;
const HEIGHT = 150;
const PAD = { left: 34, right: 14, top: 14, bottom: 24 };

/**
 * Section 8.3: each failed attempt as a dot on the running count of failures, with the line of the limit and the dot
 * that crossed it. Not drawn where nothing is known.
 */
export function FailureChart({ endpoint }: { endpoint: Endpoint }) {
  const texts = useWords().endpoints.one.chart;
  const words = useWords();
  const deliveryTexts = words.deliveries;
  const { shown } = useZones();
  const language = useLanguage();
  const { id: ws } = useWorkspace();
  const chart = failureDots(endpoint);
  if (!chart) return null;
  const { dots, limit, all } = chart;
  const what = (dot: Dot) => outcomeText({ ...dot.outcome, webhook: null }, deliveryTexts);
  const full = (dot: Dot) => momentText(dot.at, shown, language);
  return (
    <figure className={styles.chart}>
      <figcaption className={styles.chartTitle}>{texts.title}</figcaption>
      <Picture
        dots={dots}
        limit={limit}
        limitText={texts.limit(limit)}
        titleOf={(dot) => texts.dot(dot.number, full(dot), what(dot), dot.delivery)}
        clock={(at) => clockText(at, shown, language)}
      />
      {dots.length < all && <p className={styles.muted}>{texts.shown(dots.length, all)}</p>}
      <Readers title={texts.title} asTable={words.parts.chart.asTable}>
        <thead>
          <tr>
            <th scope="col">{texts.number}</th>
            <th scope="col">{texts.at}</th>
            <th scope="col">{texts.outcome}</th>
            <th scope="col">{texts.delivery}</th>
          </tr>
        </thead>
        <tbody>
          {dots.map((dot) => (
            <tr key={`${dot.delivery} ${dot.attempt}`}>
              <td>
                {dot.number}
                {dot.crossed && ` (${texts.crossed})`}
              </td>
              <td>{full(dot)}</td>
              <td>{what(dot)}</td>
              <td>
                <Link href={paths.delivery(ws, dot.delivery, { attempt: String(dot.attempt) })}>
                  {dot.delivery.slice(-6)}
                </Link>
              </td>
            </tr>
          ))}
        </tbody>
      </Readers>
    </figure>
  );
}

function Picture(props: {
  dots: readonly Dot[];
  limit: number;
  limitText: string;
  titleOf: (dot: Dot) => string;
  clock: (at: string) => string;
}) {
  const { dots, limit } = props;
  const first = dots[0];
  const last = dots.at(-1);
  if (!first || !last) return null;
  const [start, end] = [Date.parse(first.at), Date.parse(last.at)];
  const span = Math.max(1, end - start);
  const most = Math.max(limit, last.number) * 1.1;
  const x = (at: string) =>
    PAD.left + ((Date.parse(at) - start) / span) * (WIDTH - PAD.left - PAD.right);
  const y = (count: number) =>
    HEIGHT - PAD.bottom - (count / most) * (HEIGHT - PAD.top - PAD.bottom);
  const path = dots.map((dot, i) => `${i === 0 ? "M" : "L"}${x(dot.at)} ${y(dot.number)}`).join("");
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className={styles.picture} aria-hidden="true">
      <line x1={PAD.left} x2={WIDTH - PAD.right} y1={y(0)} y2={y(0)} className={styles.axis} />
      <line
        x1={PAD.left}
        x2={WIDTH - PAD.right}
        y1={y(limit)}
        y2={y(limit)}
        className={styles.limit}
      />
      <text x={PAD.left} y={y(limit) - 5} className={styles.limitText}>
        {props.limitText}
      </text>
      <path d={path} className={styles.run} />
      {dots.map((dot) => (
        <g key={`${dot.delivery} ${dot.attempt}`} className={styles.dot} data-crossed={dot.crossed}>
          <title>{props.titleOf(dot)}</title>
          {dot.outcome.error === null ? (
            <circle cx={x(dot.at)} cy={y(dot.number)} r={dot.crossed ? 6 : 4} />
          ) : (
            <rect x={x(dot.at) - 4} y={y(dot.number) - 4} width="8" height="8" />
          )}
        </g>
      ))}
      <text x={PAD.left} y={HEIGHT - 6} className={styles.tick}>
        {props.clock(first.at)}
      </text>
      <text x={WIDTH - PAD.right} y={HEIGHT - 6} textAnchor="end" className={styles.tick}>
        {props.clock(last.at)}
      </text>
    </svg>
  );
}
