import { useState } from "react";
import { useClient, useMay, useWorkspace } from "../../api/context.tsx";
import { readPayload, type WebhookDetail } from "../../api/history.ts";
import { paths } from "../../lib/paths.ts";
import { problemText } from "../../lib/problemText.ts";
import { useKey } from "../../lib/useKey.ts";
import { Button } from "../../ui/Button.tsx";
import { copyText } from "../../ui/clipboard.ts";
import { Confirm } from "../../ui/Dialog.tsx";
import { ButtonLink } from "../../ui/Link.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { say } from "../../ui/toasts.ts";
import { ViewAsApi } from "../../ui/ViewAsApi.tsx";
import { useWords } from "../../words/index.ts";
import { curlOfWebhook } from "./curl.ts";
import type { Rerun } from "./useRerun.ts";
import styles from "./Webhook.module.css";

interface Props {
  origin: string;
  webhook: WebhookDetail;
  rerun: Rerun;
}

/** The actions on a webhook. */
export function Actions({ origin, webhook, rerun }: Props) {
  const words = useWords();
  const w = words.history;
  const { id: ws } = useWorkspace();
  const may = useMay("operator");
  const pending = (webhook.status === "pending" || webhook.reprocessing) && !rerun.busy;
  const denied = may ? undefined : words.common.needs.operator;
  const reason = denied ?? (pending ? w.reprocess.pendingReason : undefined);
  const [asks, setAsks] = useState(false);
  // A letter can be hit by accident, so it asks; the button does not.
  useKey("again", () => {
    if (reason) say({ text: reason });
    else if (!rerun.busy) setAsks(true);
  });
  const edit = paths.integration(ws, webhook.integration.id, { webhook: webhook.id });
  return (
    <div className={styles.actions}>
      <Button kind="primary" icon="retry" busy={rerun.busy} reason={reason} onPress={rerun.ask}>
        {rerun.busy ? w.webhook.processing : w.reprocess.one}
      </Button>
      <CopyPayload origin={origin} webhook={webhook} />
      <ButtonLink href={edit}>{w.actions.editIntegration}</ButtonLink>
      <ViewAsApi call={{ method: "GET", path: `/v1/origins/${origin}/webhooks/${webhook.id}` }} />
      {asks && (
        <Confirm
          title={w.reprocess.title}
          action={w.reprocess.confirm(1)}
          onClose={() => setAsks(false)}
          onConfirm={() => {
            setAsks(false);
            rerun.ask();
          }}
        >
          <p>{w.reprocess.willRun(1)}</p>
        </Confirm>
      )}
    </div>
  );
}

function CopyPayload({ origin, webhook }: { origin: string; webhook: WebhookDetail }) {
  const words = useWords();
  const w = words.history;
  const client = useClient();
  const place = { origin, webhook: webhook.id };

  async function copy(make: () => Promise<string>): Promise<void> {
    try {
      const copied = await copyText(await make());
      const text = copied ? w.actions.payloadCopied : w.actions.copyFailed;
      say({ text, tone: copied ? "ok" : "bad" });
    } catch (error) {
      say({ text: problemText(error, words), tone: "bad" });
    }
  }
  const read = async (view: "raw" | "json") =>
    new TextDecoder().decode((await readPayload(client, place, view)).bytes);
  const copyJson = () => void copy(() => read("json"));
  useKey("copy", copyJson);
  return (
    <Menu
      label={w.webhook.copyMenu}
      actions={[
        { id: "json", label: w.webhook.copyJson, onAction: copyJson },
        { id: "raw", label: w.webhook.copyOriginal, onAction: () => void copy(() => read("raw")) },
        {
          id: "curl",
          label: w.webhook.copyCurl,
          onAction: () => void copy(async () => curlOfWebhook(webhook, await read("raw"))),
        },
      ]}
    >
      <Button icon="copy">{w.webhook.copyMenu}</Button>
    </Menu>
  );
}
