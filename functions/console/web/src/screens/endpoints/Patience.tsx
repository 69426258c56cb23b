import { allTries } from "../../lib/attemptLine.ts";
import type { Policy } from "../../lib/presets.ts";
import { clockText, durationText, minuteText } from "../../lib/time.ts";
import { TryLine } from "../../ui/TryLine.tsx";
import { useLanguage, useZones } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Endpoints.module.css";

type Drawn = Pick<Policy, "waits" | "success" | "timeout_ms" | "order" | "suspension">;

/** Seconds until an endpoint is suspended that gets one event a second and fails every time. */
export function suspendedAfter(policy: Pick<Policy, "suspension">): number | null {
  if (!policy.suspension) return null;
  const { trip } = policy.suspension;
  return "window" in trip ? trip.window.more_than + 1 : trip.streak.failures;
}

/** Section 8.6: the tries of a policy on a line of time, with real times, and what stops it. */
export function Patience({ policy, start }: { policy: Drawn; start: number }) {
  const words = useWords().endpoints.tries;
  const { shown } = useZones();
  const language = useLanguage();
  const tries = allTries(policy.waits, start);
  const iso = (at: number) => new Date(at).toISOString();
  const last = tries.at(-1) ?? start;
  const clock = (at: number) =>
    at - start < 12 * 3_600_000
      ? clockText(iso(at), shown, language)
      : minuteText(iso(at), shown, language);
  return (
    <div className={styles.patience}>
      <p className={styles.tries}>{words.title(tries.length)}</p>
      <TryLine
        start={start}
        marks={tries.map((at, i) => ({
          id: String(i),
          at,
          kind: i === 0 ? "next" : "later",
          title: clock(at),
        }))}
      />
      {tries.length > 1 ? (
        <p>
          {words.if(`${tries.slice(0, 5).map(clock).join(", ")}${tries.length > 5 ? " …" : "."}`)}{" "}
          {words.last(minuteText(iso(last), shown, language), durationText(last - start, language))}
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

function Sentences({ policy }: { policy: Drawn }) {
  const words = useWords().endpoints.tries;
  const language = useLanguage();
  const time = (seconds: number) => durationText(seconds * 1000, language);
  const { suspension } = policy;
  const said = [
    policy.success === "only200" ? words.success200 : words.success2xx,
    words.timeout(time(policy.timeout_ms / 1000)),
    policy.order ? words.ordered : "",
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
