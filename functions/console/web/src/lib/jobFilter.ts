import type { Job } from "../api/jobs.ts";
import { paths } from "./paths.ts";
import type { Raw } from "./search.ts";

function textOf(value: unknown): string | undefined {
  if (typeof value === "string" && value !== "") return value;
  if (!Array.isArray(value)) return undefined;
  const items = value.filter((item) => typeof item === "string");
  return items.length > 0 ? items.join(",") : undefined;
}

/** The filter of a job as the query of its list's address. */
export function queryOfJob(job: Pick<Job, "filter" | "kind">): Raw {
  const names =
    job.kind === "reprocess"
      ? ["from", "to", "status", "application", "integration", "q"]
      : ["from", "to", "subject", "state", "rule", "endpoint", "integration"];
  return Object.fromEntries(names.map((name) => [name, textOf(job.filter[name])]));
}

/** The list that a job went through. */
export function listOfJob(job: Job, ws: string, more: Raw = {}): string | null {
  const query = { ...queryOfJob(job), ...more };
  if (job.kind === "resend") return paths.deliveries(ws, query);
  return job.origin === null ? null : paths.history(ws, job.origin, query);
}

/** The same filter, but only what is still wrong. */
export function wrongOf(job: Job, ws: string): string | null {
  const more = job.kind === "reprocess" ? { status: "error" } : { state: "failure,retrying" };
  return listOfJob(job, ws, more);
}
