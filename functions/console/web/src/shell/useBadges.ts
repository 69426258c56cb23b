import { useQuery } from "@tanstack/react-query";
import { useClient } from "../api/context.tsx";
import { newestJobsQuery } from "../api/jobs.ts";
import { useWords } from "../words/index.ts";
import type { NavKey } from "./nav.ts";

export interface Badge {
  text: string;
  /** The number with its noun, for screen readers. */
  label: string;
}

/** Numbers beside items of the left bar: the jobs that run. */
export function useBadges(): Partial<Record<NavKey, Badge>> {
  const client = useClient();
  const w = useWords().common.nav;
  const { data } = useQuery(newestJobsQuery(client));
  const running = data?.filter((job) => job.state === "running").length ?? 0;
  return running === 0 ? {} : { jobs: { text: String(running), label: w.running(running) } };
}
