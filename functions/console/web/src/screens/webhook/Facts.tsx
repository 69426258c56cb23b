import type { ReactNode } from "react";
import { useWorkspace } from "../../api/context.tsx";
import type { WebhookDetail } from "../../api/history.ts";
import { paths } from "../../lib/paths.ts";
import { sizeText } from "../../lib/time.ts";
import { Copy } from "../../ui/Copy.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { Link } from "../../ui/Link.tsx";
import { SectionTitle } from "../../ui/SectionTitle.tsx";
import { Time } from "../../ui/Time.tsx";
import { useLanguage } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Webhook.module.css";

/** The facts of a webhook's arrival. */
export function Facts({ origin, webhook }: { origin: string; webhook: WebhookDetail }) {
  const words = useWords();
  const w = words.history.webhook;
  const { id: ws } = useWorkspace();
  const language = useLanguage();
  return (
    <section className={styles.section}>
      <SectionTitle>{w.facts}</SectionTitle>
      <dl className={styles.facts}>
        <Fact name={w.method}>{webhook.method}</Fact>
        <Fact name={w.size}>{sizeText(webhook.size, language)}</Fact>
        <Fact name={w.contentType}>
          <Foreign text={webhook.payload.content_type ?? words.common.none} code />
        </Fact>
        <Fact name={w.sourceIp}>
          <Foreign text={webhook.source_ip} code />
        </Fact>
        {webhook.delivery_id !== null && (
          <Fact name={w.deliveryId}>
            <Foreign text={webhook.delivery_id} code />
            {webhook.seen !== null && webhook.seen > 1 && (
              <span className={styles.muted}> · {w.seen(webhook.seen)}</span>
            )}
          </Fact>
        )}
        {webhook.duplicate_of !== null && (
          <Fact name={w.repeats}>
            <Link href={paths.webhook(ws, origin, webhook.duplicate_of)}>
              <code>{webhook.duplicate_of}</code>
            </Link>
          </Fact>
        )}
        <Fact name={w.keptUntil}>
          <Time at={webhook.expires_at} relative={false} />
        </Fact>
        <Fact name={w.id}>
          <Copyable text={webhook.id} />
        </Fact>
        <Fact name={w.sha256}>
          <Copyable text={webhook.payload.sha256} />
        </Fact>
      </dl>
    </section>
  );
}

function Copyable({ text }: { text: string }) {
  return (
    <span className={styles.copyable}>
      <code>{text}</code>
      <Copy text={text} />
    </span>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
