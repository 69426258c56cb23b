import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useClient, useIdempotencyKey, useMay } from "../../api/context.tsx";
import { problemText } from "../../lib/problemText.ts";
import { momentText } from "../../lib/time.ts";
import { Button } from "../../ui/Button.tsx";
import { Confirm } from "../../ui/Dialog.tsx";
import { TextInput } from "../../ui/Field.tsx";
import { useFormProblem } from "../../ui/Form.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { SecretOnce } from "../../ui/SecretOnce.tsx";
import { useLanguage, useZones } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import { VerifySnippets } from "../delivery/VerifySnippets.tsx";
import { whole } from "../endpoints/policyDraft.ts";
import { type Endpoint, useEndpointTouched } from "../endpoints/useEndpointActions.tsx";
import styles from "./Endpoint.module.css";

/** The longest overlap of two secrets, in hours. */
const MOST_HOURS = 168;

/** The rotation of the secret, and how a destination verifies with it. */
export function SecretTab({ endpoint }: { endpoint: Endpoint }) {
  const words = useWords();
  const texts = words.endpoints.one;
  const { shown } = useZones();
  const language = useLanguage();
  const may = useMay("admin");
  const [asks, setAsks] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const both = endpoint.secret_previous_until;
  return (
    <div className={styles.stack}>
      <p>{texts.secretText}</p>
      {both !== null && (
        <Banner tone="wait">{texts.secretBoth(momentText(both, shown, language))}</Banner>
      )}
      <div>
        <Button
          icon="retry"
          reason={may ? undefined : words.common.needs.admin}
          onPress={() => setAsks(true)}
        >
          {texts.rotate}
        </Button>
      </div>
      <VerifySnippets get={false} />
      {asks && (
        <RotateDialog
          endpoint={endpoint}
          onClose={() => setAsks(false)}
          onRotated={(made) => {
            setAsks(false);
            setSecret(made);
          }}
        />
      )}
      {secret !== null && (
        <SecretOnce
          title={words.endpoints.secret.title}
          secret={secret}
          fileName={words.endpoints.secret.file}
          onClose={() => setSecret(null)}
        />
      )}
    </div>
  );
}

function RotateDialog(props: {
  endpoint: Endpoint;
  onClose: () => void;
  onRotated: (secret: string | null) => void;
}) {
  const client = useClient();
  const words = useWords();
  const texts = words.endpoints.one.rotateDialog;
  const { key } = useIdempotencyKey();
  const touched = useEndpointTouched();
  const [hours, setHours] = useState("24");
  const problem = useFormProblem();
  const overlap = whole(hours);
  const fits = overlap !== null && overlap <= MOST_HOURS;
  const rotate = useMutation({
    mutationFn: () =>
      client.post("/v1/endpoints/{endpoint}/rotate-secret", {
        path: { endpoint: props.endpoint.id },
        version: props.endpoint.version,
        idempotencyKey: key,
        body: { overlap_hours: overlap ?? 0 },
      }),
    onSuccess: ({ secret }) => {
      touched();
      props.onRotated(secret);
    },
    onError: problem.set,
  });
  return (
    <Confirm
      title={texts.title}
      action={texts.action}
      busy={rotate.isPending}
      reason={fits ? undefined : texts.overlapHint}
      onConfirm={() => rotate.mutate()}
      onClose={props.onClose}
    >
      {rotate.isError && (
        <Banner tone="bad" alert>
          {problemText(rotate.error, words)}
        </Banner>
      )}
      <p>{overlap === 0 ? texts.atOnce : texts.text}</p>
      <TextInput
        required
        label={texts.overlap}
        hint={texts.overlapHint}
        name="overlap_hours"
        value={hours}
        onChange={setHours}
        error={problem.of("overlap_hours") ?? (fits ? undefined : texts.overlapHint)}
      />
    </Confirm>
  );
}
