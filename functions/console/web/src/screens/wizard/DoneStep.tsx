import type { ReactNode } from "react";
import { useApplications, useOrigins } from "../../api/configuration.ts";
import { useWorkspace } from "../../api/context.tsx";
import { paths } from "../../lib/paths.ts";
import { problemText } from "../../lib/problemText.ts";
import { AppIcon } from "../../ui/AppIcon.tsx";
import { Button } from "../../ui/Button.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { ButtonLink } from "../../ui/Link.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { useWords } from "../../words/index.ts";
import { type Integration, useChange } from "../integration/useChange.ts";
import { useErrors, useReprocessErrors } from "../mapping/errors.ts";
import { useArrivals } from "./arrivals.ts";
import { Received } from "./Received.tsx";
import { Title } from "./Title.tsx";
import styles from "./Wizard.module.css";
import type { StepProps } from "./Wizard.tsx";
import { isWaiting } from "./waiting.ts";

/** The summary; activating, and processing what came while the mapping was built. */
export function DoneStep(props: StepProps & { integration: Integration }) {
  const { integration } = props;
  const words = useWords();
  const { wizard } = words.integrations;
  const change = useChange(integration);
  const errors = useErrors(integration).data ?? 0;
  const process = useReprocessErrors(integration);
  const arrivals = useArrivals(integration, (items) => process.isSuccess && items.some(isWaiting));
  // What was asked for is under way: it is not offered again.
  const waiting = process.isSuccess ? 0 : errors;
  const error = change.error ?? process.error;
  return (
    <>
      <Title>{wizard.doneTitle}</Title>
      <Summary integration={integration} />
      {error && (
        <Banner tone="bad" alert>
          {problemText(error, words)}
        </Banner>
      )}
      <Banner tone={integration.active ? "ok" : "plain"}>
        {integration.active ? wizard.isActive : wizard.isInactive}
      </Banner>
      <Received
        webhooks={arrivals.data?.items ?? []}
        origin={integration.origin}
        isProcessing={process.isSuccess}
      />
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
              onPress={() => process.mutate()}
            >
              {wizard.process(waiting)}
            </Button>
          )}
          {integration.active && <Open integration={integration} primary={waiting === 0} />}
        </span>
      </footer>
    </>
  );
}

function Open(props: { integration: Integration; primary: boolean }) {
  const { wizard } = useWords().integrations;
  const ws = useWorkspace().id;
  return (
    <ButtonLink primary={props.primary} href={paths.integration(ws, props.integration.id)}>
      {wizard.finish}
    </ButtonLink>
  );
}

function Summary({ integration }: { integration: Integration }) {
  const words = useWords().integrations;
  const { wizard, additional } = words;
  const origin = useOrigins().data?.find((one) => one.id === integration.origin);
  const application = useApplications().data?.find((one) => one.key === integration.application);
  const stage = origin?.stages.find((one) => one.id === integration.stage)?.name;
  const isDeal = integration.action.endsWith("deal");
  const rows: [string, ReactNode][] = [
    [
      words.name,
      <span key="name" className={styles.summaryName}>
        <AppIcon path={application?.icon} />
        <Foreign text={integration.name} />
      </span>,
    ],
    [words.origin, origin?.name],
    [words.action, words.actions[integration.action]],
    [wizard.stepNames.verification, wizard.checks(integration.verification.length)],
    [wizard.stepNames.mapping, wizard.fieldsCount(integration.mapping.fields.length)],
  ];
  if (isDeal) {
    rows.push([additional.stage, stage ?? additional.first]);
    if (integration.tag !== null) rows.push([wizard.tag, integration.tag]);
    if (integration.status !== null) rows.push([additional.status, additional[integration.status]]);
  }
  return (
    <dl className={styles.summary}>
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
