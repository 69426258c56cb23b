import type { Run, WebhookDetail } from "../../api/history.ts";
import { sameResult, useOutcome } from "../../lib/outcome.ts";
import { Banner } from "../../ui/Problem.tsx";
import { useStatusWord } from "../../ui/StatusMark.tsx";
import { useWords } from "../../words/index.ts";

/** The result of the run that was just asked for, and its changes against the run before. */
export function RunResult({ webhook, run }: { webhook: WebhookDetail; run: Run }) {
  const w = useWords().history.webhook;
  const status = useStatusWord()({ of: "inbound", status: run.status });
  const outcome = useOutcome();
  const before = webhook.runs.find((one) => one.number === run.number - 1);
  const same = before !== undefined && sameResult(before, run);
  return (
    <Banner tone={run.status === "success" ? "ok" : "bad"} alert>
      <strong>{w.runResult(run.number, status)}.</strong>{" "}
      {same ? w.runChanges.same : run.error ? run.error.message : outcome(run)}
    </Banner>
  );
}
