import { ProgressBar } from "react-aria-components";
import type { Job } from "../../api/jobs.ts";
import { useWords } from "../../words/index.ts";
import styles from "./Jobs.module.css";

/** The progress of a job as a bar and in numbers. */
export function Progress({ job }: { job: Job }) {
  const w = useWords().history.jobs;
  const text = w.progressOf(job.done, job.total);
  const share = job.total === 0 ? 100 : (100 * job.done) / job.total;
  return (
    <ProgressBar
      className={styles.progress ?? ""}
      value={share}
      valueLabel={text}
      aria-label={w.progress}
    >
      <svg className={styles.bar} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect className={styles.ground} width="100" height="6" />
        <rect className={styles.done} data-state={job.state} width={share} height="6" />
      </svg>
      <span>{text}</span>
    </ProgressBar>
  );
}
