import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useClient, useMay, useWorkspace } from "../../api/context.tsx";
import { type Job, jobQuery, skippedOf } from "../../api/jobs.ts";
import { isProblem } from "../../api/problem.ts";
import { listOfJob, wrongOf } from "../../lib/jobFilter.ts";
import { paths } from "../../lib/paths.ts";
import { useParams } from "../../lib/router/hooks.ts";
import { countText } from "../../lib/time.ts";
import { NotFound } from "../../shell/NotFound.tsx";
import { Page } from "../../shell/Page.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { ButtonLink } from "../../ui/Link.tsx";
import { Problem } from "../../ui/Problem.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { Time } from "../../ui/Time.tsx";
import { ViewAsApi } from "../../ui/ViewAsApi.tsx";
import { useLanguage } from "../../ui/zone.tsx";
import { useWords, type Words } from "../../words/index.ts";
import { JobState } from "./JobState.tsx";
import styles from "./Jobs.module.css";
import { Progress } from "./Progress.tsx";
import { StopJob } from "./StopJob.tsx";
import { useJobFilter } from "./useJobFilter.ts";

/** One job: its numbers, and what is left to do after it. */
export function JobPage() {
  const { job: id = "" } = useParams();
  const w = useWords().history.jobs;
  const client = useClient();
  const { id: ws } = useWorkspace();
  const filterOf = useJobFilter();
  const { data: job, error, refetch } = useQuery(jobQuery(client, id));
  const list = { label: w.title, href: paths.jobs(ws) };
  if (isProblem(error) && error.status === 404) return <NotFound list={list} />;
  const above = [list];
  if (!job) {
    return (
      <Page title={w.title} above={above}>
        {error ? <Problem error={error} onRetry={() => void refetch()} /> : <Skeleton lines={5} />}
      </Page>
    );
  }
  return (
    <Page
      title={w.kinds[job.kind]}
      above={above}
      description={<Foreign text={filterOf(job)} />}
      actions={<Actions job={job} ws={ws} />}
    >
      <div className={styles.head}>
        <JobState state={job.state} />
        <Progress job={job} />
      </div>
      <Numbers job={job} />
      <Skipped job={job} />
    </Page>
  );
}

function Actions({ job, ws }: { job: Job; ws: string }) {
  const w = useWords().history.jobs;
  const may = useMay("operator");
  const wrong = wrongOf(job, ws);
  const again = job.kind === "reprocess" ? listOfJob(job, ws, { again: "1" }) : null;
  return (
    <>
      <ViewAsApi call={{ method: "GET", path: `/v1/jobs/${job.id}` }} />
      {job.state === "running" && <StopJob job={job} />}
      {job.state !== "running" && may && again && <ButtonLink href={again}>{w.again}</ButtonLink>}
      {job.state !== "running" && wrong && (
        <ButtonLink href={wrong} primary>
          {w.wrong}
        </ButtonLink>
      )}
    </>
  );
}

function Numbers({ job }: { job: Job }) {
  const words = useWords();
  const w = words.history.jobs;
  const language = useLanguage();
  const n = (value: number) => countText(value, language);
  const time = (at: string | null) => (at === null ? words.common.none : <Time at={at} />);
  const facts: [string, ReactNode][] = [
    [w.total, n(job.total)],
    [w.done, n(job.done)],
    [w.enqueued, n(job.enqueued)],
    [w.skipped, n(skippedOf(job))],
    [w.failed, n(job.failed)],
    [w.begun, time(job.created_at)],
    [w.lastActive, time(job.last_active_at)],
    [w.ended, time(job.ended_at)],
    [
      w.by,
      job.by === null ? words.common.none : <Foreign key="by" text={job.by.name ?? job.by.id} />,
    ],
  ];
  return (
    <section className={styles.panel} aria-labelledby="job-numbers">
      <h2 id="job-numbers">{w.numbers}</h2>
      <dl className={styles.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Skipped({ job }: { job: Job }) {
  const words = useWords();
  const language = useLanguage();
  const reasons = Object.entries(job.skipped);
  if (reasons.length === 0) return null;
  return (
    <section className={styles.panel} aria-labelledby="job-skipped">
      <h2 id="job-skipped">{words.history.jobs.skippedWhy}</h2>
      <ul className={styles.reasons}>
        {reasons.map(([code, count]) => (
          <li key={code}>
            <strong>{countText(count, language)}</strong>
            <span>{shortOf(words, code)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function shortOf(words: Words, code: string): string {
  return Object.entries(words.codes).find(([name]) => name === code)?.[1].short ?? code;
}
