import { dayText } from "../../lib/time.ts";
import type { Caused } from "../../lib/timeline.ts";
import { useLanguage, useZones } from "../../ui/zone.tsx";
import { EntryRow } from "./EntryRow.tsx";
import styles from "./Timeline.module.css";

/** Causes with their effects below them, grouped by the day of the cause. */
function byDay(caused: readonly Caused[], dayOf: (at: string) => string): [string, Caused[]][] {
  const days: [string, Caused[]][] = [];
  for (const one of caused) {
    const last = days.at(-1);
    const day = one.level === 0 || last === undefined ? dayOf(one.entry.at) : last[0];
    if (last !== undefined && last[0] === day) last[1].push(one);
    else days.push([day, [one]]);
  }
  return days;
}

export function Days({ caused }: { caused: readonly Caused[] }) {
  const language = useLanguage();
  const { shown } = useZones();
  return byDay(caused, (at) => dayText(at, shown, language)).map(([day, entries]) => (
    <section key={day} className={styles.day} aria-label={day}>
      <h3 className={styles.dayName}>{day}</h3>
      <ol className={styles.entries}>
        {entries.map((one) => (
          <EntryRow key={`${one.entry.kind} ${one.entry.key}`} caused={one} />
        ))}
      </ol>
    </section>
  ));
}
