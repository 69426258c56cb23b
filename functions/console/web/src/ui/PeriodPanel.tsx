import { type CalendarDate, type DateValue, toCalendarDate } from "@internationalized/date";
import { useState } from "react";
import {
  Button,
  CalendarCell,
  CalendarGrid,
  CalendarGridBody,
  CalendarGridHeader,
  CalendarHeaderCell,
  CalendarHeading,
  DateField,
  DateInput,
  DateSegment,
  I18nProvider,
  Label,
  RangeCalendar,
} from "react-aria-components";
import {
  dayAt,
  instants,
  type Period,
  QUICK,
  quickOf,
  quickPeriod,
  retainedSince,
  timeOfDay,
} from "../lib/period.ts";
import { clockText, dayText, zoneName } from "../lib/time.ts";
import { useWords } from "../words/index.ts";
import { Button as PressButton } from "./Button.tsx";
import { cx } from "./cx.ts";
import { Icon } from "./Icon.tsx";
import type { Retention } from "./Period.tsx";
import styles from "./PeriodPanel.module.css";
import { Switch } from "./Switch.tsx";
import { useWide } from "./useWide.ts";
import { useLanguage } from "./zone.tsx";

type PanelProps = {
  value: Period;
  zone: string;
  locale: string;
  retention: Retention;
  onChange: (period: Period, closes: boolean) => void;
};

type Range = { start: CalendarDate; end: CalendarDate };

function isTime(bound: string | undefined): boolean {
  return bound?.includes("T") ?? false;
}

/** The days that a period covers, for the calendar; null where one of its sides is open. */
function rangeOf(period: Period, now: number, zone: string): Range | null {
  const { from, to } = instants(period, now, zone);
  if (from === null) return null;
  return { start: dayAt(from, zone), end: dayAt(to ?? now, zone) };
}

/** The content of a period's popover. It is loaded when it is first opened. */
export default function PeriodPanel(props: PanelProps) {
  const { parts } = useWords();
  const language = useLanguage();
  const [now] = useState(Date.now);
  const words = parts.period;
  const quick = quickOf(props.value, now, props.zone);
  return (
    <I18nProvider locale={props.locale}>
      <div className={styles.panel}>
        <div className={styles.quick}>
          {QUICK.map((choice) => (
            <Button
              key={choice}
              className={cx(styles.choice, quick === choice && styles.chosen)}
              aria-pressed={quick === choice}
              onPress={() => props.onChange(quickPeriod(choice, now, props.zone), true)}
            >
              {words[choice]}
            </Button>
          ))}
        </div>
        <Dates {...props} now={now} />
      </div>
      <p className={styles.zone}>{words.zone(zoneName(props.zone, language))}</p>
    </I18nProvider>
  );
}

function Dates(props: PanelProps & { now: number }) {
  const { parts } = useWords();
  const language = useLanguage();
  const { zone, now, value } = props;
  const words = parts.period;
  const twoMonths = useWide(760);
  const first = retainedSince(props.retention, now, zone);
  const today = dayAt(now, zone);
  const range = rangeOf(value, now, zone);
  const [timed, setTimed] = useState(isTime(value.from) || isTime(value.to));
  const clock = (side: "from" | "to", otherwise: string): string => {
    const bound = value[side];
    return bound && isTime(bound) ? clockText(bound, zone, language).slice(0, 5) : otherwise;
  };
  const times = { from: clock("from", "00:00"), to: clock("to", "23:59") };

  function choose(days: Range, at = times, withTimes = timed): void {
    const [start, end] =
      days.start.compare(days.end) <= 0 ? [days.start, days.end] : [days.end, days.start];
    if (!withTimes) {
      props.onChange({ from: start.toString(), to: end.toString() }, false);
      return;
    }
    const from = timeOfDay(start, at.from, zone);
    const to = timeOfDay(end, `${at.to}:59`, zone);
    if (from && to) props.onChange({ from, to }, false);
  }

  /** Half of a day typed can lie beyond the other side: it waits for the other half. */
  function chooseTyped(days: Range): void {
    if (days.start.compare(days.end) <= 0) choose(days);
  }

  const shown = range ?? { start: today, end: today };
  const tooEarly = range !== null && range.end.compare(first) < 0;
  return (
    <section className={styles.dates} aria-label={words.choose}>
      <div className={styles.typed}>
        <Typed
          label={words.fromDay}
          value={range?.start ?? null}
          onChange={(start) => chooseTyped({ ...shown, start })}
          onLeave={(start) => choose({ ...shown, start })}
        />
        <Typed
          label={words.toDay}
          value={range?.end ?? null}
          onChange={(end) => chooseTyped({ ...shown, end })}
          onLeave={(end) => choose({ ...shown, end })}
        />
      </div>
      <RangeCalendar
        aria-label={words.range}
        value={range}
        onChange={(days) => choose(daysOf(days))}
        minValue={first}
        maxValue={today}
        defaultFocusedValue={range?.end ?? today}
        visibleDuration={{ months: twoMonths ? 2 : 1 }}
        pageBehavior="single"
        {...(twoMonths ? { selectionAlignment: "end" as const } : {})}
        className={cx(styles.calendar)}
      >
        <header className={styles.months}>
          <Button slot="previous" className={cx(styles.step)} aria-label={words.previousMonth}>
            <Icon name="left" />
          </Button>
          <CalendarHeading className={cx(styles.month)} />
          {twoMonths && <CalendarHeading offset={{ months: 1 }} className={cx(styles.month)} />}
          <Button slot="next" className={cx(styles.step)} aria-label={words.nextMonth}>
            <Icon name="right" />
          </Button>
        </header>
        <div className={styles.grids}>
          <Month />
          {twoMonths && <Month offset={1} />}
        </div>
      </RangeCalendar>
      <p className={styles.bound} data-early={tooEarly || undefined}>
        {tooEarly && <strong>{words.beforeRetention}. </strong>}
        {words.retainedSince(dayText(`${first.toString()}T12:00:00Z`, "UTC", language))}
      </p>
      <Switch
        selected={timed}
        onChange={(on) => {
          setTimed(on);
          if (range) choose(range, times, on);
        }}
      >
        {words.withTimes}
      </Switch>
      {timed && (
        <div className={styles.typed}>
          <Clock
            label={words.fromTime}
            value={times.from}
            onChange={(from) => choose(shown, { ...times, from })}
          />
          <Clock
            label={words.toTime}
            value={times.to}
            onChange={(to) => choose(shown, { ...times, to })}
          />
        </div>
      )}
      <div className={styles.done}>
        <PressButton slot="close" kind="primary">
          {words.done}
        </PressButton>
      </div>
    </section>
  );
}

function daysOf(days: { start: DateValue; end: DateValue }): Range {
  return { start: toCalendarDate(days.start), end: toCalendarDate(days.end) };
}

function Month(props: { offset?: number }) {
  return (
    <CalendarGrid
      {...(props.offset ? { offset: { months: props.offset } } : {})}
      weekdayStyle="narrow"
      className={cx(styles.grid)}
    >
      <CalendarGridHeader>
        {(day) => <CalendarHeaderCell className={cx(styles.weekday)}>{day}</CalendarHeaderCell>}
      </CalendarGridHeader>
      <CalendarGridBody>
        {(date) => <CalendarCell date={date} className={cx(styles.day)} />}
      </CalendarGridBody>
    </CalendarGrid>
  );
}

/** While a year is being typed it is one like 0002: not yet a day that anybody means. */
const isMeant = (day: DateValue) => day.year > 1999;

function Typed(props: {
  label: string;
  value: CalendarDate | null;
  /** A day that is whole, although another digit can follow. */
  onChange: (day: CalendarDate) => void;
  /** The day that stands in the field when it is left, where it is another one. */
  onLeave: (day: CalendarDate) => void;
}) {
  const { value } = props;
  const [typed, setTyped] = useState<DateValue | null>(value);
  const [before, setBefore] = useState(value);
  if (before?.toString() !== value?.toString()) {
    setBefore(value);
    setTyped(value);
  }
  return (
    <DateField
      value={typed}
      onChange={(day) => {
        setTyped(day);
        if (day && isMeant(day)) props.onChange(toCalendarDate(day));
      }}
      onBlur={() => {
        const other = typed && isMeant(typed) && typed.toString() !== value?.toString();
        if (other) props.onLeave(toCalendarDate(typed));
      }}
      className={cx(styles.field)}
    >
      <Label>{props.label}</Label>
      <DateInput className={cx(styles.input)}>
        {(segment) => <DateSegment segment={segment} className={cx(styles.segment)} />}
      </DateInput>
    </DateField>
  );
}

function Clock(props: { label: string; value: string; onChange: (time: string) => void }) {
  return (
    <label className={styles.field}>
      <span>{props.label}</span>
      <input
        type="time"
        className={styles.input}
        value={props.value}
        onChange={(event) => props.onChange(event.target.value)}
      />
    </label>
  );
}
