import { useState } from "react";
import { allTries } from "../../lib/attemptLine.ts";
import { type Patient, suspendedAfter, wholeTime } from "../../lib/patience.ts";
import { POLICY_OF, PRESETS, type Preset } from "../../lib/presets.ts";
import { clockText, durationText, minuteText } from "../../lib/time.ts";
import { Select } from "../../ui/Select.tsx";
import { TryLine } from "../../ui/TryLine.tsx";
import { useLanguage, useZones } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import { Comparison } from "./Comparison.tsx";
import styles from "./Endpoints.module.css";

const NONE = "none";

/** The clock of a try, with its day where the tries take half a day or more. */
function useClock(start: number) {
  const { shown } = useZones();
  const language = useLanguage();
  return (at: number) => {
    const iso = new Date(at).toISOString();
    const isNear = at - start < 12 * 3_600_000;
    return isNear ? clockText(iso, shown, language) : minuteText(iso, shown, language);
  };
}

/** Section 8.6: the tries of a policy on a line of time, with real times, and what stops it. */
export function Patience({ policy, start }: { policy: Patient; start: number }) {
  const { tries: words, presets } = useWords().endpoints;
  const { shown } = useZones();
  const language = useLanguage();
  const clock = useClock(start);
  const [chosen, setChosen] = useState<Preset>();
  const others = PRESETS.filter((id) => POLICY_OF[id] !== policy);
  const preset = others.find((id) => id === chosen);
  const other = preset && POLICY_OF[preset];
  const tries = allTries(policy.waits, start);
  const last = tries.at(-1) ?? start;
  const end = other && start + Math.max(wholeTime(policy), wholeTime(other));
  return (
    <div className={styles.patience}>
      <div className={styles.patienceHead}>
        <p className={styles.tries}>{words.title(tries.length)}</p>
        <Select
          required
          label={words.compare}
          name="compare"
          value={preset ?? NONE}
          options={[
            { id: NONE, label: words.compareNone },
            ...others.map((id) => ({ id, label: presets[id].name })),
          ]}
          onChange={(id) => setChosen(PRESETS.find((one) => one === id))}
        />
      </div>
      {other && <p className={styles.lineName}>{words.this}</p>}
      <Line tries={tries} start={start} end={end} />
      {preset && other && (
        <>
          <p className={styles.lineName}>{presets[preset].name}</p>
          <Line tries={allTries(other.waits, start)} start={start} end={end} />
          <Comparison own={policy} other={other} name={presets[preset].name} />
        </>
      )}
      {tries.length > 1 ? (
        <p>
          {words.if(`${tries.slice(0, 5).map(clock).join(", ")}${tries.length > 5 ? " …" : "."}`)}{" "}
          {words.last(
            minuteText(new Date(last).toISOString(), shown, language),
            durationText(last - start, language),
          )}
        </p>
      ) : (
        <p>{words.once}</p>
      )}
      <p className={styles.muted}>
        <Sentences policy={policy} />
      </p>
    </div>
  );
}

function Line(props: { tries: readonly number[]; start: number; end: number | undefined }) {
  const clock = useClock(props.start);
  return (
    <TryLine
      start={props.start}
      end={props.end}
      marks={props.tries.map((at, i) => ({
        id: String(i),
        at,
        kind: i === 0 ? "next" : "later",
        title: clock(at),
      }))}
    />
  );
}

function Sentences({ policy }: { policy: Patient }) {
  const words = useWords().endpoints.tries;
  const language = useLanguage();
  const time = (seconds: number) => durationText(seconds * 1000, language);
  const { suspension } = policy;
  const said = [
    policy.success === "only200" ? words.success200 : words.success2xx,
    words.timeout(time(policy.timeout_ms / 1000)),
    policy.order ? words.order[policy.order] : "",
  ];
  if (!suspension) said.push(words.never);
  else {
    const { trip } = suspension;
    said.push(
      "window" in trip
        ? words.window(trip.window.more_than, time(trip.window.seconds), trip.window.percent)
        : words.streak(trip.streak.failures),
      words.scope[suspension.scope],
      words.atOnce(time(suspendedAfter(policy) ?? 0)),
    );
    if (suspension.probe_after) said.push(words.probe(time(suspension.probe_after)));
  }
  return said.filter(Boolean).join(" ");
}
