import { useRef, useState } from "react";
import { quickOf, readDay, type Period as Value } from "../lib/period.ts";
import type { Language } from "../lib/time.ts";
import { dayText, localeOf, minuteText } from "../lib/time.ts";
import { useWords, type Words } from "../words/index.ts";
import { FilterButton, type Step } from "./Filters.tsx";
import { lazyPart } from "./lazyPart.tsx";
import { Skeleton } from "./Skeleton.tsx";
import { useLanguage, useZones } from "./zone.tsx";

// The calendar is a fifth of what the library weighs and most visits never open it.
const Panel = lazyPart(async () => (await import("./PeriodPanel.tsx")).default, {
  waiting: <Skeleton lines={6} />,
});

export type Retention = { months: number } | { days: number };

function boundText(bound: string, zone: string, language: Language): string {
  // Noon of UTC is the same day in every zone of a calendar day shown in UTC.
  if (readDay(bound)) return dayText(`${bound}T12:00:00Z`, "UTC", language);
  return minuteText(bound, zone, language);
}

/** The words of a period, as its button says them; null where it is everything. */
export function periodText(
  period: Value,
  words: Words,
  zone: string,
  language: Language,
  now: number,
): string | null {
  const { period: texts } = words.parts;
  const quick = quickOf(period, now, zone);
  if (quick === "all") return null;
  if (quick) return texts[quick];
  const relative = /^-(\d+)([hd])$/.exec(period.from ?? "");
  if (relative && !period.to) {
    return texts.last(Number(relative[1]), relative[2] === "h" ? "h" : "d");
  }
  const from = period.from && boundText(period.from, zone, language);
  const to = period.to && boundText(period.to, zone, language);
  if (from && to) return from === to ? from : texts.between(from, to);
  return from ? texts.since(from) : texts.until(to ?? "");
}

/** The filter by time: quick choices, or days and times from a calendar, within what is retained. */
export function Period(props: {
  value: Value;
  onChange: (period: Value, step: Step) => void;
  retention: Retention;
  label?: string;
}) {
  const words = useWords();
  const zones = useZones();
  const language = useLanguage();
  const [open, setOpen] = useState(false);
  const changed = useRef(false);
  const text = periodText(props.value, words, zones.workspace, language, Date.now());
  return (
    <FilterButton
      label={props.label ?? words.parts.period.label}
      icon="calendar"
      value={text}
      onRemove={() => props.onChange({}, "push")}
      isOpen={open}
      onOpenChange={(next) => {
        changed.current = false;
        setOpen(next);
      }}
      wide
    >
      <Panel
        value={props.value}
        zone={zones.workspace}
        locale={localeOf(language)}
        retention={props.retention}
        onChange={(period, closes) => {
          props.onChange(period, changed.current ? "replace" : "push");
          changed.current = true;
          if (closes) setOpen(false);
        }}
      />
    </FilterButton>
  );
}
