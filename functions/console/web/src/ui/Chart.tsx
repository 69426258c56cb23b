import type { ReactNode } from "react";
import { useWords } from "../words/index.ts";
import styles from "./Chart.module.css";
import { Link } from "./Link.tsx";
import { PictureLink } from "./PictureLink.tsx";
import type { Tone } from "./StatusMark.tsx";

export type Bar = {
  id: string;
  /** The time or name of the bar. */
  label: string;
  parts: readonly { tone: Tone; value: number; name: string; text: string }[];
  href?: string;
};

const HEIGHT = 96;

/** Bars of stacked parts, at most 200; the same numbers stand in a table for readers. */
export function Bars(props: { title: string; bars: readonly Bar[]; names: readonly string[] }) {
  const { parts: words } = useWords();
  const sums = props.bars.map((bar) => bar.parts.reduce((sum, part) => sum + part.value, 0));
  const most = Math.max(1, ...sums);
  return (
    <figure className={styles.figure}>
      <div className={styles.bars} aria-hidden="true">
        {props.bars.map((bar) =>
          bar.href ? (
            <PictureLink key={bar.id} href={bar.href} className={styles.column ?? ""}>
              <BarColumn bar={bar} most={most} />
            </PictureLink>
          ) : (
            <span key={bar.id} className={styles.column}>
              <BarColumn bar={bar} most={most} />
            </span>
          ),
        )}
      </div>
      <p className={styles.ends} aria-hidden="true">
        <span>{props.bars[0]?.label}</span>
        <span>{props.bars.at(-1)?.label}</span>
      </p>
      <Readers title={props.title} asTable={words.chart.asTable}>
        <thead>
          <tr>
            <th scope="col">{props.title}</th>
            {props.names.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.bars.map((bar) => (
            <tr key={bar.id}>
              <th scope="row">{bar.href ? <Link href={bar.href}>{bar.label}</Link> : bar.label}</th>
              {bar.parts.map((part) => (
                <td key={part.name}>{part.text}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </Readers>
    </figure>
  );
}

function BarColumn({ bar, most }: { bar: Bar; most: number }) {
  let y = HEIGHT;
  const title = [bar.label, ...bar.parts.map((part) => `${part.name}: ${part.text}`)].join("\n");
  return (
    <svg viewBox={`0 0 10 ${HEIGHT}`} preserveAspectRatio="none" className={styles.bar}>
      <title>{title}</title>
      <rect width="10" height={HEIGHT} className={styles.ground} />
      {bar.parts.map((part) => {
        // A part that is there is seen, however small it is beside the others.
        const height = part.value === 0 ? 0 : Math.max(1.5, (part.value / most) * (HEIGHT - 2));
        y -= height;
        return (
          <rect
            key={part.name}
            x="1"
            y={y}
            width="8"
            height={height}
            className={styles.part}
            data-tone={part.tone}
          />
        );
      })}
    </svg>
  );
}

/** A table that holds what a picture shows, folded below it. */
export function Readers(props: { title: string; asTable: string; children: ReactNode }) {
  return (
    <details className={styles.readers}>
      <summary>{props.asTable}</summary>
      <div className={styles.scroll}>
        <table aria-label={props.title}>{props.children}</table>
      </div>
    </details>
  );
}
