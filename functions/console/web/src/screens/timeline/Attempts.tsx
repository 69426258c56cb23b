import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "../../api/configuration.ts";
import { useClient, useWorkspace } from "../../api/context.tsx";
import { paths } from "../../lib/paths.ts";
import { durationText } from "../../lib/time.ts";
import { Link } from "../../ui/Link.tsx";
import { Problem } from "../../ui/Problem.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { Mark } from "../../ui/StatusMark.tsx";
import { Time } from "../../ui/Time.tsx";
import { useLanguage } from "../../ui/zone.tsx";
import { useWords, type Words } from "../../words/index.ts";
import styles from "./Timeline.module.css";

type Attempt = Schemas["Attempt"];

/** The attempts of a delivery, asked for when they are unfolded. */
export function Attempts({ delivery }: { delivery: string }) {
  const { timeline: w } = useWords();
  const client = useClient();
  const ws = useWorkspace().id;
  const detail = useQuery({
    queryKey: [client.workspace, "delivery", delivery],
    queryFn: ({ signal }) =>
      client.get("/v1/deliveries/{delivery}", { path: { delivery }, signal }),
  });
  const language = useLanguage();
  if (detail.error) return <Problem error={detail.error} onRetry={() => void detail.refetch()} />;
  if (!detail.data) return <Skeleton lines={2} />;
  return (
    <ol className={styles.attempts} aria-label={w.attemptsOf}>
      {detail.data.attempts.map((attempt) => (
        <li key={attempt.number}>
          <span className={styles.number}>
            <Link href={paths.delivery(ws, delivery, { attempt: String(attempt.number) })}>
              {w.attempt(attempt.number)}
            </Link>
          </span>
          <Answer attempt={attempt} />
          <span className={styles.muted}>{durationText(attempt.duration_ms, language)}</span>
          {!attempt.counts_as_retry && <span className={styles.muted}>{w.notCounted}</span>}
          <span className={styles.time}>
            <Time at={attempt.at} />
          </span>
        </li>
      ))}
    </ol>
  );
}

function Answer({ attempt }: { attempt: Attempt }) {
  const { timeline: w } = useWords();
  const { status } = attempt;
  const isGood = attempt.webhook !== null || (status !== null && status >= 200 && status < 300);
  return (
    <Mark tone={isGood ? "ok" : "bad"} icon={isGood ? "check" : "cross"}>
      {status === null ? errorWord(attempt.error, w) : w.answer(status)}
    </Mark>
  );
}

function errorWord(error: string | null, w: Words["timeline"]): string {
  const errors: Readonly<Record<string, string>> = w.errors;
  return error === null ? w.noAnswer : (errors[error] ?? error);
}
