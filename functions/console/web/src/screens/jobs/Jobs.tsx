import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useClient, useWorkspace } from "../../api/context.tsx";
import { type Job, jobsQuery, skippedOf } from "../../api/jobs.ts";
import { listOfJob } from "../../lib/jobFilter.ts";
import { paths } from "../../lib/paths.ts";
import { useRouter } from "../../lib/router/hooks.ts";
import { countText } from "../../lib/time.ts";
import { Page } from "../../shell/Page.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { Link } from "../../ui/Link.tsx";
import type { MenuAction } from "../../ui/Menu.tsx";
import { Problem } from "../../ui/Problem.tsx";
import { type ColumnOf, Table } from "../../ui/Table.tsx";
import { Time, useZoneName } from "../../ui/Time.tsx";
import { useLanguage } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import { JobState } from "./JobState.tsx";
import { Progress } from "./Progress.tsx";
import { useJobFilter } from "./useJobFilter.ts";

/** C-28: what was reprocessed or resent many at a time. */
export function Jobs() {
  const w = useWords().history.jobs;
  const client = useClient();
  const { id: ws } = useWorkspace();
  const router = useRouter();
  const query = useInfiniteQuery(jobsQuery(client));
  const jobs = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const columns = useColumns(ws);
  const filterOf = useJobFilter();
  const actionsOf = (job: Job): MenuAction[] => {
    const href = listOfJob(job, ws);
    return [
      { id: "open", label: w.open, icon: "list", href: paths.job(ws, job.id) },
      ...(href === null ? [] : [{ id: "list", label: w.list, icon: "search" as const, href }]),
    ];
  };
  return (
    <Page title={w.title} description={w.description}>
      {query.isError && jobs.length === 0 ? (
        <Problem error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Table
          label={w.title}
          items={jobs}
          columns={columns}
          idOf={(job) => job.id}
          nameOf={(job) => `${w.kinds[job.kind]}, ${filterOf(job)}`}
          onOpen={(id) => void router.navigate({ href: paths.job(ws, id) })}
          actionsOf={actionsOf}
          loading={query.isPending}
          empty={
            <Empty icon="retry" title={w.none}>
              {w.noneHint}
            </Empty>
          }
          more={
            query.hasNextPage
              ? { load: () => void query.fetchNextPage(), loading: query.isFetchingNextPage }
              : undefined
          }
        />
      )}
    </Page>
  );
}

function useColumns(ws: string): ColumnOf<Job>[] {
  const w = useWords().history.jobs;
  const zone = useZoneName();
  const language = useLanguage();
  const filterOf = useJobFilter();
  return useMemo(
    () => [
      {
        id: "kind",
        header: w.kind,
        cell: (job) => <Link href={paths.job(ws, job.id)}>{w.kinds[job.kind]}</Link>,
      },
      {
        id: "filter",
        header: w.filter,
        grow: true,
        cell: (job) => <Foreign text={filterOf(job)} />,
      },
      {
        id: "created_at",
        header: w.started(zone),
        cell: (job) => <Time at={job.created_at} />,
      },
      { id: "progress", header: w.progress, cell: (job) => <Progress job={job} /> },
      {
        id: "skipped",
        header: w.skipped,
        align: "end",
        secondary: true,
        cell: (job) => countText(skippedOf(job), language),
      },
      {
        id: "failed",
        header: w.failed,
        align: "end",
        secondary: true,
        cell: (job) => countText(job.failed, language),
      },
      { id: "state", header: w.state, cell: (job) => <JobState state={job.state} /> },
    ],
    [w, ws, zone, language, filterOf],
  );
}
