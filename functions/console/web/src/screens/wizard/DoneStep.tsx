import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useApplications, useOrigins } from "../../api/configuration.ts";
import { useClient, useIdempotencyKey, useWorkspace } from "../../api/context.tsx";
import { paths } from "../../lib/paths.ts";
import { Button } from "../../ui/Button.tsx";
import { ButtonLink } from "../../ui/Link.tsx";
import { Banner, problemText } from "../../ui/Problem.tsx";
import { say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";
import { type Integration, useChange } from "../integration/useChange.ts";
import { ApplicationIcon } from "../integrations/ApplicationIcon.tsx";
import { useErrors } from "../mapping/errors.ts";
import styles from "./Wizard.module.css";
import type { StepProps } from "./Wizard.tsx";

/** The summary; activating, and processing what came while the mapping was built. */
export function DoneStep(props: StepProps & { integration: Integration }) {
  const { integration } = props;
  const words = useWords();
  const { wizard, actions } = words.integrations;
  const ws = useWorkspace().id;
  const origin = useOrigins().data?.find((one) => one.id === integration.origin);
  const application = useApplications().data?.find((one) => one.key === integration.application);
  const change = useChange(integration);
  const process = useProcess(integration);
  const errors = useErrors(integration).data ?? 0;
  // What was asked for is under way: it is not offered again.
  const waiting = process.isSuccess ? 0 : errors;
  const error = change.error ?? process.error;
  return (
    <>
      <h2>{wizard.doneTitle}</h2>
      <dl className={styles.summary}>
        <dt>{words.integrations.name}</dt>
        <dd className={styles.summaryName}>
          <ApplicationIcon path={application?.icon} />
          <bdi>{integration.name}</bdi>
        </dd>
        <dt>{words.integrations.origin}</dt>
        <dd>{origin?.name}</dd>
        <dt>{words.integrations.action}</dt>
        <dd>{actions[integration.action]}</dd>
        <dt>{wizard.stepNames.verification}</dt>
        <dd>{wizard.checks(integration.verification.length)}</dd>
        <dt>{wizard.stepNames.mapping}</dt>
        <dd>{wizard.fieldsCount(integration.mapping.fields.length)}</dd>
      </dl>
      {error && (
        <Banner tone="bad" alert>
          {problemText(error, words)}
        </Banner>
      )}
      {integration.active && <Banner tone="ok">{wizard.isActive}</Banner>}
      <footer className={styles.footer}>
        <Button onPress={() => props.go("additional")}>{wizard.back}</Button>
        <span className={styles.forward}>
          {!integration.active && (
            <Button
              kind="primary"
              icon="play"
              busy={change.isPending}
              onPress={() => change.mutate({ active: true })}
            >
              {wizard.activate}
            </Button>
          )}
          {integration.active && waiting > 0 && (
            <Button
              kind="primary"
              icon="retry"
              busy={process.isPending}
              onPress={() => process.mutate(waiting)}
            >
              {wizard.process(waiting)}
            </Button>
          )}
          {integration.active && (
            <ButtonLink primary={waiting === 0} href={paths.integration(ws, integration.id)}>
              {wizard.finish}
            </ButtonLink>
          )}
        </span>
      </footer>
    </>
  );
}

/** Webhooks that came while the integration was inactive have the error `integration_inactive`: they are run again (D9). */
function useProcess(integration: Integration) {
  const client = useClient();
  const cache = useQueryClient();
  const { integrations } = useWords();
  const { key, renew } = useIdempotencyKey();
  return useMutation({
    mutationFn: (_: number) =>
      client.post("/v1/origins/{origin}/reprocess", {
        path: { origin: integration.origin },
        idempotencyKey: key,
        body: { filter: { integration: integration.id, status: "error" } },
      }),
    onSuccess: (_, many) => {
      renew();
      say({ text: integrations.wizard.processing(many), tone: "ok" });
      void cache.invalidateQueries({ queryKey: [client.workspace, "errors", integration.id] });
    },
  });
}
