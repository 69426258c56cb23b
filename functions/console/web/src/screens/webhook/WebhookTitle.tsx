import type { Webhook, WebhookDetail } from "../../api/history.ts";
import { AppIcon } from "../../ui/AppIcon.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { StatusMark } from "../../ui/StatusMark.tsx";
import { Time } from "../../ui/Time.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Webhook.module.css";

type Shown = Webhook | WebhookDetail;

export function WebhookTitle({ webhook }: { webhook: Shown }) {
  return (
    <span className={styles.title}>
      <AppIcon path={webhook.application.icon} />
      <Foreign text={webhook.integration.name} />
    </span>
  );
}

/** Time, status and what the integration was when the webhook came. */
export function WebhookAbout({ webhook }: { webhook: Shown }) {
  const { history: w, parts } = useWords();
  return (
    <span className={styles.about}>
      <StatusMark of="inbound" status={webhook.status} />
      <Time at={webhook.received_at} />
      <span title={webhook.active ? undefined : w.inactiveTip}>
        {w.webhook.active}: {webhook.active ? parts.yes : parts.no}
      </span>
    </span>
  );
}
