import { problemText } from "../../lib/problemText.ts";
import { ErrorBoundary } from "../../shell/ErrorBoundary.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { Banner, Problem } from "../../ui/Problem.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import { useWords } from "../../words/index.ts";
import { TABS, type WebhookTab } from "../history/search.ts";
import { Actions } from "./Actions.tsx";
import { Headers } from "./Headers.tsx";
import { Payload } from "./Payload.tsx";
import { RunResult } from "./RunResult.tsx";
import { Runs } from "./Runs.tsx";
import { Summary } from "./Summary.tsx";
import { useRerun } from "./useRerun.ts";
import styles from "./Webhook.module.css";

interface Props {
  origin: string;
  id: string;
  tab: WebhookTab;
  node: string | undefined;
  onTab: (tab: WebhookTab) => void;
  onTouched: () => void;
}

/** The details of a webhook, in the drawer and on its page. */
export function WebhookView({ origin, id, tab, node, onTab, onTouched }: Props) {
  const words = useWords();
  const w = words.history.webhook;
  const rerun = useRerun(origin, id, onTouched);
  const { data: webhook, error, isPending, refetch } = rerun.query;
  if (isPending) return <Skeleton lines={6} />;
  if (!webhook) return <Problem error={error} onRetry={() => void refetch()} />;
  const items = TABS.map((one) => ({
    id: one,
    label: w.tabs[one],
    ...(one === "runs" ? { count: String(webhook.runs.length) } : {}),
  }));
  return (
    <div className={styles.view}>
      <Actions origin={origin} webhook={webhook} rerun={rerun} />
      {rerun.error && (
        <Banner tone="bad" alert>
          <Foreign text={problemText(rerun.error, words)} />
        </Banner>
      )}
      {rerun.run && <RunResult webhook={webhook} run={rerun.run} />}
      <Tabs label={w.title} items={items} selected={tab} onSelect={onTab}>
        <ErrorBoundary
          resetBy={tab}
          fallback={(failure, reset) => <Problem error={failure} onRetry={reset} />}
        >
          {tab === "summary" && <Summary origin={origin} webhook={webhook} rerun={rerun} />}
          {tab === "payload" && <Payload origin={origin} webhook={webhook} node={node} />}
          {tab === "runs" && <Runs webhook={webhook} />}
          {tab === "headers" && <Headers webhook={webhook} />}
        </ErrorBoundary>
      </Tabs>
    </div>
  );
}
