import { Link } from "../../ui/Link.tsx";
import styles from "./Home.module.css";

export interface Figure {
  label: string;
  value: string;
  share?: string | undefined;
  tone?: "ok" | "bad" | "wait" | undefined;
  href?: string | undefined;
}

/** Numbers with their words, each the way to what it counts. */
export function Figures({ figures }: { figures: readonly Figure[] }) {
  return (
    <dl className={styles.figures}>
      {figures.map((one) => (
        // Nothing of a kind is neither good nor bad.
        <div
          key={one.label}
          className={styles.figure}
          data-tone={one.value === "0" ? undefined : one.tone}
        >
          <dt>{one.label}</dt>
          <dd>
            {one.href ? (
              <Link href={one.href} plain>
                {one.value}
              </Link>
            ) : (
              one.value
            )}
            {one.share && <span className={styles.share}>{one.share}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
