import { useState } from "react";
import { Checkbox } from "react-aria-components";
import { useWorkspace } from "../../api/context.tsx";
import type { Run, WebhookDetail } from "../../api/history.ts";
import { useOutcome } from "../../lib/outcome.ts";
import { paths } from "../../lib/paths.ts";
import { Button } from "../../ui/Button.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Link } from "../../ui/Link.tsx";
import { StatusMark } from "../../ui/StatusMark.tsx";
import { Time } from "../../ui/Time.tsx";
import { useWords } from "../../words/index.ts";
import { CompareMappings } from "./CompareMappings.tsx";
import styles from "./Webhook.module.css";

/** Every run of a webhook, newest first. Two chosen ones show how their mappings differ. */
export function Runs({ webhook }: { webhook: WebhookDetail }) {
  const w = useWords().history.webhook;
  const [chosen, setChosen] = useState<readonly number[]>([]);
  const [comparing, setComparing] = useState(false);
  const runs = [...webhook.runs].sort((a, b) => b.number - a.number);
  if (runs.length === 0) return <Empty icon="clock" title={w.runsEmpty} />;
  const choose = (number: number, on: boolean) =>
    setChosen(on ? [...chosen, number].slice(-2) : chosen.filter((one) => one !== number));
  const [later, earlier] = runs.filter((run) => chosen.includes(run.number));
  return (
    <div className={styles.sections}>
      <ol className={styles.runs}>
        {runs.map((run) => (
          <li key={run.number} className={styles.run}>
            {runs.length > 1 && (
              <Checkbox
                className={styles.pick ?? ""}
                isSelected={chosen.includes(run.number)}
                onChange={(on) => choose(run.number, on)}
                aria-label={w.run(run.number)}
              >
                <span className={styles.box}>
                  <Icon name="check" size={12} />
                </span>
              </Checkbox>
            )}
            <RunEntry run={run} integration={webhook.integration.id} />
          </li>
        ))}
      </ol>
      {runs.length > 1 && (
        <div>
          <Button
            reason={later && earlier ? undefined : w.comparePick}
            onPress={() => setComparing(true)}
          >
            {w.compare}
          </Button>
        </div>
      )}
      {comparing && later && earlier && (
        <CompareMappings
          integration={webhook.integration.id}
          runs={[earlier, later]}
          onClose={() => setComparing(false)}
        />
      )}
    </div>
  );
}

function RunEntry({ run, integration }: { run: Run; integration: string }) {
  const { webhook: w, warnings } = useWords().history;
  const { id: ws } = useWorkspace();
  const outcome = useOutcome();
  const version = run.mapping_version;
  return (
    <div className={styles.entry}>
      <div className={styles.runHead}>
        <strong>{w.run(run.number)}</strong>
        <StatusMark of="inbound" status={run.status} />
        <Time at={run.finished_at} />
      </div>
      <p>{run.error ? <Foreign text={run.error.message} /> : outcome(run)}</p>
      <p className={styles.muted}>
        <Cause run={run} ws={ws} />
        {version !== null && (
          <>
            {" · "}
            <Link
              href={paths.integration(ws, integration, {
                tab: "versions",
                version: String(version),
              })}
            >
              {w.mapping} {w.mappingVersion(version)}
            </Link>
          </>
        )}
        {run.warnings.length > 0 && ` · ${warnings(run.warnings.length)}`}
      </p>
    </div>
  );
}

function Cause({ run, ws }: { run: Run; ws: string }) {
  const w = useWords().history.webhook.runCause;
  if (run.cause.kind === "job" && run.cause.job !== undefined) {
    return <Link href={paths.job(ws, run.cause.job)}>{w.job}</Link>;
  }
  return <>{w[run.cause.kind]}</>;
}
