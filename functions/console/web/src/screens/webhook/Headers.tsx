import type { WebhookDetail } from "../../api/history.ts";
import { Foreign } from "../../ui/Foreign.tsx";
import { SectionTitle } from "../../ui/SectionTitle.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Webhook.module.css";

interface Named {
  name: string;
  value: string;
}

const MASKED = /^[•*]+$/;

/** The headers and the query as they came; values that are secrets were never stored. */
export function Headers({ webhook }: { webhook: WebhookDetail }) {
  const w = useWords().history.webhook;
  const query = [...new URLSearchParams(webhook.query)].map(([name, value]) => ({ name, value }));
  return (
    <div className={styles.sections}>
      <section className={styles.section}>
        <SectionTitle>{w.tabs.headers}</SectionTitle>
        <Names rows={webhook.headers} none={w.noHeaders} label={w.tabs.headers} />
      </section>
      <section className={styles.section}>
        <SectionTitle>{w.query}</SectionTitle>
        <Names rows={query} none={w.noQuery} label={w.query} />
      </section>
    </div>
  );
}

function Names({ rows, none, label }: { rows: readonly Named[]; none: string; label: string }) {
  const w = useWords().history.webhook;
  if (rows.length === 0) return <p className={styles.muted}>{none}</p>;
  return (
    <table className={styles.names} aria-label={label}>
      <thead>
        <tr>
          <th scope="col">{w.headerName}</th>
          <th scope="col">{w.headerValue}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, value }, index) => (
          // A name can come more than once: its place is its identity.
          // biome-ignore lint/suspicious/noArrayIndexKey: rows never move
          <tr key={index}>
            <th scope="row">
              <Foreign text={name} code />
            </th>
            <td>
              {MASKED.test(value) ? (
                <span className={styles.muted}>••• {w.masked}</span>
              ) : (
                <Foreign text={value} code />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
