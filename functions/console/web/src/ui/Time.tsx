import { usePreferences } from "../lib/preferences.ts";
import { momentText, relativeText, zoneName } from "../lib/time.ts";
import { useWords } from "../words/index.ts";
import styles from "./Time.module.css";
import { useNow } from "./useNow.ts";
import { useLanguage, useZones } from "./zone.tsx";

const DAY = 86_400_000;

/** The moment in the zones of the workspace, of the browser and of UTC, a line each. */
export function useZonedLines(): (at: string) => string[] {
  const { parts } = useWords();
  const zones = useZones();
  const language = useLanguage();
  return (at) => {
    const line = (name: string, zone: string) => `${name}: ${momentText(at, zone, language)}`;
    return [
      line(parts.time.workspace(zoneName(zones.workspace, language)), zones.workspace),
      line(parts.time.browser(zoneName(zones.browser, language)), zones.browser),
      line(parts.time.utc, "UTC"),
    ];
  };
}

/** The name of the zone that times are shown in, for the header of a column. */
export function useZoneName(): string {
  return zoneName(useZones().shown, useLanguage());
}

/** A moment in the zone in force. Its title has the other zones; the user menu changes which one is in force. */
export function Time(props: { at: string; relative?: boolean }) {
  const { shown } = useZones();
  const language = useLanguage();
  const lines = useZonedLines();
  const preference = usePreferences().relative;
  const wanted = props.relative ?? preference;
  const now = useNow(wanted);
  const near = Math.abs(now - Date.parse(props.at)) < DAY;
  const text =
    wanted && near ? relativeText(props.at, now, language) : momentText(props.at, shown, language);
  return (
    <time dateTime={props.at} className={styles.time} title={lines(props.at).join("\n")}>
      {text}
    </time>
  );
}
