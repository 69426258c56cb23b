import type { Job } from "../../api/jobs.ts";
import { Mark } from "../../ui/StatusMark.tsx";
import { useWords } from "../../words/index.ts";

const LOOKS = {
  running: { tone: "wait", icon: "retry" },
  done: { tone: "ok", icon: "check" },
  cancelled: { tone: "quiet", icon: "ban" },
} as const;

export function JobState({ state }: { state: Job["state"] }) {
  const w = useWords().history.jobs.states;
  return <Mark {...LOOKS[state]}>{w[state]}</Mark>;
}
