import { useEffect, useRef } from "react";
import { useEndpoints } from "../../api/configuration.ts";
import { useWorkspace } from "../../api/context.tsx";
import type { Attempt, DeliveryDetail } from "../../api/deliveries.ts";
import { comingTries } from "../../lib/attemptLine.ts";
import { paths } from "../../lib/paths.ts";
import { clockText, durationText, momentText, relativeText } from "../../lib/time.ts";
import { CopyLink } from "../../ui/Copy.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { Link } from "../../ui/Link.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { Mark } from "../../ui/StatusMark.tsx";
import { Time } from "../../ui/Time.tsx";
import { TryLine, type TryMark } from "../../ui/TryLine.tsx";
import { useNow } from "../../ui/useNow.ts";
import { useLanguage, useZones } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import { outcomeText } from "../deliveries/words.ts";
import styles from "./Delivery.module.css";

/** An attempt succeeded where it was answered as the endpoint's policy wants, or made a webhook. */
function succeeded(attempt: Attempt, only200: boolean): boolean {
  if (attempt.webhook !== null) return true;
  const status = attempt.status ?? 0;
  return only200 ? status === 200 : status >= 200 && status < 300;
}

function usePolicy(delivery: DeliveryDetail) {
  const endpoints = useEndpoints().data;
  return endpoints?.find(({ id }) => id === delivery.endpoint?.id)?.policy;
}

/** The attempts as a line of time and as a list, with those that may still come. */
export function Attempts(props: { delivery: DeliveryDetail; marked: number | undefined }) {
  const { delivery } = props;
  const texts = useWords().deliveries;
  const policy = usePolicy(delivery);
  const only200 = policy?.success === "only200";
  const { attempts } = delivery;
  const slow = attempts.some(({ error }) => error === "timeout") && delivery.state === "success";
  return (
    <section className={styles.section} aria-label={texts.detail.line.title}>
      <Line delivery={delivery} waits={policy?.waits ?? []} only200={only200} />
      {slow && <Banner tone="wait">{texts.detail.slow}</Banner>}
      {attempts.length > 0 && (
        <ol className={styles.attempts}>
          {attempts.map((attempt) => (
            <AttemptItem
              key={attempt.number}
              attempt={attempt}
              delivery={delivery.id}
              isMarked={attempt.number === props.marked}
              origin={delivery.integration?.origin}
              ok={succeeded(attempt, only200)}
            />
          ))}
        </ol>
      )}
    </section>
  );
}

function Line(props: { delivery: DeliveryDetail; waits: readonly number[]; only200: boolean }) {
  const { delivery } = props;
  const texts = useWords().deliveries;
  const { shown } = useZones();
  const language = useLanguage();
  const words = texts.detail.line;
  const next = delivery.state === "retrying" && delivery.next_at ? delivery.next_at : null;
  const now = useNow(next !== null);
  const counted = delivery.attempts.filter((attempt) => attempt.counts_as_retry).length;
  const nextAt = next === null ? null : Date.parse(next);
  const later = comingTries(props.waits, counted, nextAt);
  const clock = (at: number) => clockText(new Date(at).toISOString(), shown, language);
  const full = (at: number) => momentText(new Date(at).toISOString(), shown, language);
  const when = next === null ? "" : relativeText(next, now, language);
  const nextText = nextAt !== null && nextAt <= now ? words.due : words.next(when);
  const made = delivery.attempts.length;
  const marks: TryMark[] = [
    ...delivery.attempts.map((attempt) => ({
      id: String(attempt.number),
      at: Date.parse(attempt.at),
      kind: "made" as const,
      tone: succeeded(attempt, props.only200) ? ("ok" as const) : ("bad" as const),
      title: words.made(attempt.number, full(Date.parse(attempt.at)), outcomeText(attempt, texts)),
    })),
    ...(nextAt === null
      ? []
      : [{ id: "next", at: nextAt, kind: "next" as const, title: nextText, label: clock(nextAt) }]),
    ...later.map((at, i) => ({
      id: `later ${i}`,
      at,
      kind: "later" as const,
      title: words.later(made + 2 + i, full(at)),
    })),
  ];
  if (marks.length === 0) return <p className={styles.muted}>{words.none}</p>;
  const last = later.at(-1) ?? nextAt;
  return (
    <div className={styles.lineBox}>
      <TryLine start={Date.parse(delivery.created_at)} marks={marks} />
      {nextAt !== null && last !== null && (
        <p className={styles.muted}>
          {nextText}. {words.left(later.length + 1, full(last))}
        </p>
      )}
    </div>
  );
}

function AttemptItem(props: {
  attempt: Attempt;
  delivery: string;
  isMarked: boolean;
  origin: string | undefined;
  ok: boolean;
}) {
  const { attempt, isMarked, origin, ok } = props;
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isMarked) item.current?.scrollIntoView({ block: "center" });
  }, [isMarked]);
  const texts = useWords().deliveries;
  const { id: ws } = useWorkspace();
  const language = useLanguage();
  const words = texts.detail.attempt;
  const outcome =
    attempt.status === null ? outcomeText(attempt, texts) : words.status(attempt.status);
  return (
    <li
      ref={item}
      className={styles.attempt}
      {...(isMarked ? { "aria-current": "true" as const } : {})}
    >
      <div className={styles.attemptHead}>
        <span className={styles.number}>{attempt.number}</span>
        <Mark tone={ok ? "ok" : "bad"} icon={ok ? "check" : "cross"}>
          {outcome}
        </Mark>
        <span className={styles.muted}>{durationText(attempt.duration_ms, language)}</span>
        {!attempt.counts_as_retry && (
          <span className={styles.muted} title={words.notCountedWhy}>
            {words.notCounted}
          </span>
        )}
        {attempt.retry_after !== null && (
          <span className={styles.muted}>
            {words.retryAfter(durationText(attempt.retry_after * 1000, language))}
          </span>
        )}
        <span className={styles.end}>
          <Time at={attempt.at} />
          <CopyLink
            href={paths.delivery(ws, props.delivery, { attempt: String(attempt.number) })}
            label={words.copyLink(attempt.number)}
          />
        </span>
      </div>
      {attempt.url !== "" && (
        <span className={styles.muted}>
          <Foreign text={attempt.url} code />
        </span>
      )}
      {attempt.excerpt !== "" && (
        <details className={styles.excerpt} open={!ok}>
          <summary>{words.excerpt}</summary>
          <Foreign text={attempt.excerpt} code block />
        </details>
      )}
      {attempt.webhook !== null && origin !== undefined && (
        <Link href={paths.webhook(ws, origin, attempt.webhook)}>{words.webhook}</Link>
      )}
    </li>
  );
}
