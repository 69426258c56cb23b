import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { Client } from "./client.ts";
import type { components } from "./schema.d.ts";

export type Job = components["schemas"]["Job"];

const FAST_FOR = 30_000;

/** Milliseconds until a job is asked for again: 1 s for 30 s, then 5 s, until it ended. */
export function jobInterval(job: Job | undefined, now: number): number | false {
  if (job?.state !== "running") return false;
  return now - Date.parse(job.created_at) < FAST_FOR ? 1_000 : 5_000;
}

export function jobQuery(client: Client, job: string) {
  return queryOptions({
    queryKey: [client.workspace, "job", job],
    queryFn: ({ signal }) => client.get("/v1/jobs/{job}", { path: { job }, signal }),
    refetchInterval: (query) => jobInterval(query.state.data, Date.now()),
  });
}

export const jobsKey = (client: Client) => [client.workspace, "jobs"];

export function jobsQuery(client: Client) {
  return infiniteQueryOptions({
    queryKey: [...jobsKey(client), "list"],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      client.get("/v1/jobs", {
        query: pageParam === null ? { limit: 50 } : { limit: 50, cursor: pageParam },
        signal,
      }),
    getNextPageParam: (last) => last.next,
    refetchInterval: (query) => {
      const jobs = query.state.data?.pages.flatMap((page) => page.items) ?? [];
      const running = jobs.find((job) => job.state === "running");
      return jobInterval(running, Date.now());
    },
  });
}

/** The newest jobs, among which the running ones are: at most three run at a time. */
export function newestJobsQuery(client: Client) {
  return queryOptions({
    queryKey: [...jobsKey(client), "newest"],
    queryFn: async ({ signal }) =>
      (await client.get("/v1/jobs", { query: { limit: 5 }, signal })).items,
    refetchInterval: (query) => {
      const running = query.state.data?.find((job) => job.state === "running");
      return jobInterval(running, Date.now());
    },
  });
}

/** The number of webhooks or deliveries that a job passed over. */
export function skippedOf(job: Job): number {
  return Object.values(job.skipped).reduce((sum, n) => sum + n, 0);
}
