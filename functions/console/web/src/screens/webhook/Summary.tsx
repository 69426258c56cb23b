import { useWorkspace } from "../../api/context.tsx";
import type { WebhookDetail } from "../../api/history.ts";
import { useOutcome } from "../../lib/outcome.ts";
import { paths } from "../../lib/paths.ts";
import { useLocation } from "../../lib/router/hooks.ts";
import { parseQuery, writeQuery } from "../../lib/search.ts";
import { Foreign } from "../../ui/Foreign.tsx";
import { Link } from "../../ui/Link.tsx";
import { lazyPart } from "../../ui/lazyPart.tsx";
import { SectionTitle } from "../../ui/SectionTitle.tsx";
import { useWords } from "../../words/index.ts";
import { Cards } from "./Cards.tsx";
import { Facts } from "./Facts.tsx";
import { finderOf } from "./finder.ts";
import { NextStep } from "./NextStep.tsx";
import { lastRun } from "./rerun.ts";
import { TestNote } from "./TestNote.tsx";
import type { Rerun } from "./useRerun.ts";
import styles from "./Webhook.module.css";

const PreviewedFields = lazyPart(
  async () => (await import("./PreviewedFields.tsx")).PreviewedFields,
);

interface Props {
  origin: string;
  webhook: WebhookDetail;
  rerun: Rerun;
}

/** The result of a webhook, its reason, and the facts of its arrival. */
export function Summary({ origin, webhook, rerun }: Props) {
  const words = useWords().history;
  const w = words.webhook;
  const outcome = useOutcome();
  const preview = lastRun(webhook)?.preview ?? null;
  const pathname = useLocation((place) => place.pathname);
  const search = useLocation((place) => place.search);
  const payloadAt = (node: string) =>
    pathname + writeQuery({ ...parseQuery(search), tab: "payload", node });
  const remark = { webhook, rerun, payloadAt };
  return (
    <div className={styles.sections}>
      {webhook.test && <TestNote webhook={webhook} />}
      <section className={styles.section} data-tone={webhook.error ? "bad" : undefined}>
        <SectionTitle>{w.outcome}</SectionTitle>
        {webhook.error ? (
          <NextStep remark={webhook.error} {...remark} />
        ) : (
          <p className={styles.sentence}>{outcome({ ...webhook, preview })}</p>
        )}
        <Cards webhook={webhook} />
        {preview && (
          <>
            <p className={styles.muted}>{words.test.fields}</p>
            <div className={styles.cards}>
              <PreviewedFields preview={preview} />
            </div>
          </>
        )}
      </section>
      {webhook.warnings.length > 0 && (
        <section className={styles.section} data-tone="wait">
          <SectionTitle>{w.warnings}</SectionTitle>
          {webhook.warnings.map((warning) => (
            <NextStep key={JSON.stringify(warning)} remark={warning} {...remark} />
          ))}
        </section>
      )}
      <Finders webhook={webhook} />
      <Facts origin={origin} webhook={webhook} />
    </div>
  );
}

/** The texts by which this webhook is found, each with its timeline. */
function Finders({ webhook }: { webhook: WebhookDetail }) {
  const w = useWords().history.webhook;
  const { id: ws } = useWorkspace();
  const found = [...new Set(webhook.runs.flatMap((run) => run.found_by))];
  if (found.length === 0) return null;
  return (
    <section className={styles.section}>
      <SectionTitle>{w.found}</SectionTitle>
      <ul className={styles.keys}>
        {found.map((term) => {
          const { kind, text } = finderOf(term);
          return (
            <li key={term}>
              <span className={styles.muted}>{w.finders[kind]} </span>
              <Link href={paths.subject(ws, text)}>
                <Foreign text={text} />
              </Link>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
