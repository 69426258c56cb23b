import type { Schemas } from "../../api/configuration.ts";
import { useWorkspace } from "../../api/context.tsx";
import { useOutcome } from "../../lib/outcome.ts";
import { paths } from "../../lib/paths.ts";
import { Foreign } from "../../ui/Foreign.tsx";
import { Link } from "../../ui/Link.tsx";
import { StatusMark } from "../../ui/StatusMark.tsx";
import { Time } from "../../ui/Time.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Wizard.module.css";

/** The newest webhooks of the integration with what came of them; a run under way is pending. */
export function Received(props: {
  webhooks: readonly Schemas["Webhook"][];
  origin: string;
  isProcessing: boolean;
}) {
  const { wizard } = useWords().integrations;
  const ws = useWorkspace().id;
  const outcome = useOutcome();
  if (props.webhooks.length === 0) return null;
  return (
    <section className={styles.received}>
      <h3>{wizard.received}</h3>
      <ul>
        {props.webhooks.map((webhook) => {
          // It is kept, and a run comes: an error would ask for something that the wizard does next.
          const isKept = webhook.error?.code === "integration_inactive";
          const status = isKept || webhook.reprocessing ? "pending" : webhook.status;
          return (
            <li key={webhook.id}>
              <Link href={paths.webhook(ws, props.origin, webhook.id)}>
                <Time at={webhook.received_at} />
              </Link>
              <StatusMark of="inbound" status={status}>
                {status === "error" && webhook.error ? (
                  <Foreign text={webhook.error.message} />
                ) : isKept && !props.isProcessing ? (
                  wizard.kept
                ) : (
                  outcome({ ...webhook, status })
                )}
              </StatusMark>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
