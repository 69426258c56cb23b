// Times, durations and sizes as people read them. Pure: the present time, the zone and the language are arguments.

import type { Language } from "./preferences.ts";

export type { Language };

const LOCALES: Record<Language, string> = { pt: "pt-BR", en: "en-US" };

/** The locale of `Intl` for a language of the console. */
export function localeOf(language: Language): string {
  return LOCALES[language];
}

type Shape = "moment" | "minute" | "day" | "short" | "weekday";

const SHAPES: Record<Shape, Intl.DateTimeFormatOptions> = {
  moment: { dateStyle: "medium", timeStyle: "medium" },
  minute: { dateStyle: "medium", timeStyle: "short" },
  day: { dateStyle: "medium" },
  short: { timeStyle: "medium" },
  weekday: { weekday: "long", day: "numeric", month: "long", year: "numeric" },
};

const PORTUGUESE: Partial<Record<Shape, Intl.DateTimeFormatOptions>> = {
  moment: {
    day: "2-digit",
    month: "2-digit",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  },
  minute: { day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit" },
  day: { day: "2-digit", month: "2-digit", year: "numeric" },
};

/** A table has hundreds of times and numbers; making a formatter is a hundred times dearer than using one. */
function kept<Key extends string[], T>(make: (...key: Key) => T): (...key: Key) => T {
  const made = new Map<string, T>();
  return (...key) => {
    const name = key.join(" ");
    const known = made.get(name);
    if (known !== undefined) return known;
    const fresh = make(...key);
    made.set(name, fresh);
    return fresh;
  };
}

const formatter = kept((shape: Shape, zone: string, language: Language) => {
  const options = (language === "pt" ? PORTUGUESE[shape] : undefined) ?? SHAPES[shape];
  return new Intl.DateTimeFormat(localeOf(language), {
    ...options,
    timeZone: zone,
    hourCycle: "h23",
  });
});

function show(shape: Shape, instant: string, zone: string, language: Language): string {
  const at = Date.parse(instant);
  // A time that cannot be read is shown as it came, not as "Invalid Date".
  if (Number.isNaN(at)) return instant;
  const text = formatter(shape, zone, language).format(at);
  return shape === "moment" || shape === "minute"
    ? text.replace(",", language === "pt" ? "" : ",")
    : text;
}

/** `28/11/2026 20:47:09` or `Nov 28, 2026, 20:47:09`. `instant` is RFC 3339. */
export function momentText(instant: string, zone: string, language: Language): string {
  return show("moment", instant, zone, language);
}

/** A moment without its seconds. */
export function minuteText(instant: string, zone: string, language: Language): string {
  return show("minute", instant, zone, language);
}

/** `28/11/2026` or `Nov 28, 2026`. */
export function dayText(instant: string, zone: string, language: Language): string {
  return show("day", instant, zone, language);
}

/** `20:47:09`. */
export function clockText(instant: string, zone: string, language: Language): string {
  return show("short", instant, zone, language);
}

/** `sábado, 28 de novembro de 2026`, the title of a group of rows. */
export function weekdayText(instant: string, zone: string, language: Language): string {
  return show("weekday", instant, zone, language);
}

const dayFormatter = kept(
  (zone: string) =>
    new Intl.DateTimeFormat("en-CA", {
      timeZone: zone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
    }),
);

/** The day of an instant in a zone, as `2026-11-28`. */
export function dayOf(instant: string, zone: string): string {
  const at = Date.parse(instant);
  if (Number.isNaN(at)) return instant;
  const parts = dayFormatter(zone).formatToParts(at);
  const part = (type: string): string => parts.find((p) => p.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}`;
}

/** The short name of a zone: `Brasília`, `UTC`, else the city of its id. */
export const zoneName = kept((zone: string, language: Language): string => {
  if (zone === "UTC" || zone === "Etc/UTC") return "UTC";
  let long = "";
  try {
    const parts = new Intl.DateTimeFormat(localeOf(language), {
      timeZone: zone,
      timeZoneName: "longGeneric",
    }).formatToParts(0);
    long = parts.find((p) => p.type === "timeZoneName")?.value ?? "";
  } catch {
    return zone;
  }
  const name = long
    .replace(/^(Horário|Hora)( Padrão)? (de |do |da )?/, "")
    .replace(/( Standard)? Time$/, "");
  if (name && !/^GMT|\d/.test(name)) return name;
  return (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");
});

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** `há 3 min`, `em 2 h`; `now` in milliseconds. */
export function relativeText(instant: string, now: number, language: Language): string {
  const at = Date.parse(instant);
  if (Number.isNaN(at)) return instant;
  const seconds = Math.round((at - now) / 1000);
  const [unit, size] = STEPS.find(([, s]) => Math.abs(seconds) >= s) ?? ["second", 1];
  return relative(language)
    .format(Math.trunc(seconds / size), unit)
    .replace(/\./g, "");
}

const relative = kept(
  (language: Language) =>
    new Intl.RelativeTimeFormat(localeOf(language), { style: "short", numeric: "always" }),
);

type Digits = "none" | "one" | "at most one";

const DIGITS: Record<Digits, Intl.NumberFormatOptions> = {
  none: { maximumFractionDigits: 0 },
  one: { minimumFractionDigits: 1, maximumFractionDigits: 1 },
  "at most one": { maximumFractionDigits: 1 },
};

const numbers = kept(
  (digits: Digits, language: Language) => new Intl.NumberFormat(localeOf(language), DIGITS[digits]),
);

const decimal = (value: number, language: Language): string =>
  numbers("one", language).format(value);

/** `312 ms`, `4,9 s`, `3 min`, `2 h 5 min`, `1 d 4 h`: at most two units. */
export function durationText(milliseconds: number, language: Language): string {
  const ms = Math.max(0, milliseconds);
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000 && ms % 1000 !== 0) return `${decimal(ms / 1000, language)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  return longDuration(seconds);
}

function longDuration(seconds: number): string {
  const units: [string, number][] = [
    ["d", 86_400],
    ["h", 3_600],
    ["min", 60],
    ["s", 1],
  ];
  const first = units.findIndex(([, size]) => seconds >= size);
  const [name, size] = units[first] ?? ["s", 1];
  const [nextName, nextSize] = units[first + 1] ?? ["", 0];
  const rest = nextSize ? Math.floor((seconds % size) / nextSize) : 0;
  const head = `${Math.floor(seconds / size)} ${name}`;
  return rest ? `${head} ${rest} ${nextName}` : head;
}

/** `812 B`, `2,0 KB`, `5,7 MB`; 1,024 bytes are a KB. */
export function sizeText(bytes: number, language: Language): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ["KB", "MB", "GB"];
  let value = bytes / 1024;
  let unit = 0;
  // 1,023.95 and more would read as 1,024.0 of the smaller unit.
  while (value >= 1023.95 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${decimal(value, language)} ${units[unit]}`;
}

/** `1.234` or `1,234`. */
export function countText(count: number, language: Language): string {
  return numbers("none", language).format(count);
}

/** `12,5%`; `percent` from 0 to 100, null is a dash. */
export function percentText(percent: number | null | undefined, language: Language): string {
  if (percent === null || percent === undefined) return "—";
  return `${numbers("at most one", language).format(percent)}%`;
}
