import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useApplications } from "../../api/configuration.ts";
import { useClient, useIdempotencyKey, useMay } from "../../api/context.tsx";
import { Button } from "../../ui/Button.tsx";
import { Copy } from "../../ui/Copy.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { TextInput } from "../../ui/Field.tsx";
import { Form, useFormProblem } from "../../ui/Form.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Integration.module.css";
import { SendTest } from "./SendTest.tsx";
import { curlOf, UrlBox, useUrl } from "./UrlBox.tsx";
import { type Integration, integrationQuery } from "./useChange.ts";

/** The address that the other system sends to, and its replacement. */
export function UrlTab({ integration }: { integration: Integration }) {
  const { common, integrations } = useWords();
  const words = integrations.url;
  const isAdmin = useMay("admin");
  const application = useApplications().data?.find((one) => one.key === integration.application);
  const [rotating, setRotating] = useState(false);
  const sample = application?.sample;
  const body = typeof sample?.body === "string" ? sample.body : JSON.stringify(sample?.body ?? {});
  const url = useUrl(integration.id, false);
  return (
    <div className={styles.form}>
      <UrlBox integration={integration.id} />
      {url.data?.url && (
        <div className={styles.group}>
          <p className={styles.label}>{words.curl}</p>
          <pre className={styles.curl}>
            {curlOf(url.data.url, sample?.content_type ?? "application/json", body)}
          </pre>
          <div>
            <Copy text={curlOf(url.data.url, sample?.content_type ?? "application/json", body)}>
              curl
            </Copy>
          </div>
        </div>
      )}
      <SendTest integration={integration} />
      {application?.note && (
        <div className={styles.group}>
          <p className={styles.label}>{words.where}</p>
          <p className={styles.note}>{application.note}</p>
        </div>
      )}
      <div>
        <Button
          icon="retry"
          onPress={() => setRotating(true)}
          reason={isAdmin ? undefined : common.needs.admin}
        >
          {words.rotate}
        </Button>
      </div>
      {rotating && <Rotate integration={integration} onClose={() => setRotating(false)} />}
    </div>
  );
}

function Rotate({ integration, onClose }: { integration: Integration; onClose: () => void }) {
  const { common, integrations } = useWords();
  const words = integrations.url;
  const client = useClient();
  const cache = useQueryClient();
  const problem = useFormProblem();
  const { key } = useIdempotencyKey();
  const [hours, setHours] = useState("24");
  const rotate = useMutation({
    mutationFn: () =>
      client.post("/v1/integrations/{integration}/rotate-url", {
        path: { integration: integration.id },
        version: integration.version,
        idempotencyKey: key,
        body: { overlap_hours: Number(hours) },
      }),
    onSuccess: (url) => {
      cache.setQueryData([client.workspace, "url", integration.id], url);
      void cache.invalidateQueries({ queryKey: integrationQuery(client, integration.id).queryKey });
      onClose();
    },
    onError: problem.set,
  });
  return (
    <Dialog
      width="small"
      title={words.rotateTitle}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{common.cancel}</Button>
          <Button kind="primary" submit form="rotate-url" busy={rotate.isPending}>
            {words.rotateAction}
          </Button>
        </>
      }
    >
      <Form id="rotate-url" problem={problem} onSubmit={() => rotate.mutate()}>
        <p>{words.rotateText}</p>
        <TextInput
          required
          type="number"
          label={words.overlap}
          hint={words.overlapHint}
          name="overlap_hours"
          value={hours}
          onChange={setHours}
          error={problem.of("overlap_hours")}
        />
      </Form>
    </Dialog>
  );
}
