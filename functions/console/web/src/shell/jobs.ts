import type { Client } from "../api/client.ts";
import { type Job, jobsKey } from "../api/jobs.ts";
import { queryClient } from "../api/queries.ts";
import { createStore } from "../lib/store.ts";

export interface Followed {
  workspace: string;
  job: string;
}

/** Jobs that this tab started: a toast tells their progress and their end. */
export const followed = createStore<readonly Followed[]>([]);

export function follow(client: Client, job: Job): void {
  queryClient.setQueryData([client.workspace, "job", job.id], job);
  followed.set([...followed.get(), { workspace: client.workspace, job: job.id }]);
  void queryClient.invalidateQueries({ queryKey: jobsKey(client) });
}

export function unfollow(job: string): void {
  followed.set(followed.get().filter((one) => one.job !== job));
}
