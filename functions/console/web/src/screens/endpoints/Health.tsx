import { Meter } from "react-aria-components";
import type { Schemas } from "../../api/configuration.ts";
import { durationText } from "../../lib/time.ts";
import { cx } from "../../ui/cx.ts";
import { useLanguage } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Endpoints.module.css";

type Counted = Pick<Schemas["EndpointHealth"], "limit" | "seconds">;

/** The number in the words of its policy: *more than 30* in a window, where the 31st suspends; *4* in a row. */
export function allowedOf({ limit, seconds }: Counted): number {
  return seconds === null ? limit : limit - 1;
}

/** The failures that count now beside the number that suspends, as a bar with its words. */
export function Health({ health }: { health: Schemas["EndpointHealth"] | null }) {
  const words = useWords().endpoints;
  const language = useLanguage();
  if (!health) return <span className={styles.muted}>{words.neverStops}</span>;
  const { failures, seconds } = health;
  const limit = allowedOf(health);
  const text =
    seconds === null
      ? words.streak(failures, limit)
      : words.window(failures, limit, durationText(seconds * 1000, language));
  const share = limit === 0 ? 1 : Math.min(1, failures / limit);
  return (
    <Meter
      value={Math.min(failures, limit)}
      maxValue={Math.max(1, limit)}
      valueLabel={text}
      aria-label={words.columns.health}
      className={cx(styles.health)}
    >
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" className={styles.bar} aria-hidden="true">
        <rect width="100" height="6" className={styles.track} />
        {failures > 0 && (
          <rect
            width={Math.max(3, share * 100)}
            height="6"
            className={styles.fill}
            data-tone={share >= 0.7 ? "bad" : share >= 0.4 ? "wait" : "quiet"}
          />
        )}
      </svg>
      <span className={styles.muted}>{text}</span>
    </Meter>
  );
}
