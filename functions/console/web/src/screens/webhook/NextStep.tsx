import { Link } from "react-aria-components";
import { useMay, useWorkspace } from "../../api/context.tsx";
import type { Remark, WebhookDetail } from "../../api/history.ts";
import { paths } from "../../lib/paths.ts";
import { Button } from "../../ui/Button.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { ButtonLink } from "../../ui/Link.tsx";
import { useWords } from "../../words/index.ts";
import type { Rerun } from "./useRerun.ts";
import styles from "./Webhook.module.css";

interface Props {
  remark: Remark;
  webhook: WebhookDetail;
  rerun: Rerun;
  /** The address of the payload at the path that is the cause. */
  payloadAt: (path: string) => string;
}

/** An error or a warning: the API's sentence, its cause in this webhook, the next step with its button. */
export function NextStep({ remark, webhook, rerun, payloadAt }: Props) {
  const words = useWords();
  const w = words.history.webhook;
  const { path, field } = remark.params;
  return (
    <div className={styles.remark}>
      <p className={styles.sentence}>
        <Foreign text={remark.message} />
      </p>
      {field !== undefined && (
        <p className={styles.muted}>
          {w.path}: <Foreign text={field} code />
          {path !== undefined && (
            <>
              {" ← "}
              <Link href={payloadAt(path)}>
                <Foreign text={path} code />
              </Link>
            </>
          )}
        </p>
      )}
      <p>{words.codes[remark.code].next}</p>
      <NextButton remark={remark} webhook={webhook} rerun={rerun} />
    </div>
  );
}

function NextButton({ remark, webhook, rerun }: Omit<Props, "payloadAt">) {
  const words = useWords();
  const { id: ws } = useWorkspace();
  const may = useMay("operator");
  const { action, button } = words.codes[remark.code];
  if (action === undefined || button === undefined) return null;
  const integration = (tab?: string) =>
    paths.integration(ws, webhook.integration.id, { tab, webhook: webhook.id });
  switch (action) {
    case "mapping": {
      const { field } = remark.params;
      const at = { webhook: webhook.id, field };
      return (
        <ButtonLink href={paths.integration(ws, webhook.integration.id, at)}>{button}</ButtonLink>
      );
    }
    case "activate":
    case "settings":
      return <ButtonLink href={integration()}>{button}</ButtonLink>;
    case "verification":
      return <ButtonLink href={integration("verification")}>{button}</ButtonLink>;
    case "contact":
      return webhook.contact ? (
        <ButtonLink href={paths.contact(ws, webhook.contact.id)}>{button}</ButtonLink>
      ) : null;
    case "reprocess":
    case "retry":
      return (
        <Button
          busy={rerun.busy}
          reason={may ? undefined : words.common.needs.operator}
          onPress={rerun.ask}
        >
          {button}
        </Button>
      );
    default:
      return null;
  }
}
