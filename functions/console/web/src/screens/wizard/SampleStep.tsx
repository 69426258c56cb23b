import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type Schemas, useApplications } from "../../api/configuration.ts";
import { useClient } from "../../api/context.tsx";
import { sizeText } from "../../lib/time.ts";
import { Button } from "../../ui/Button.tsx";
import { Copy } from "../../ui/Copy.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { Time } from "../../ui/Time.tsx";
import { useLanguage } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import { refusedQuery } from "../integration/refused.ts";
import { curlOf, UrlBox, useUrl } from "../integration/UrlBox.tsx";
import type { Integration } from "../integration/useChange.ts";
import { Footer } from "./Footer.tsx";
import styles from "./Wizard.module.css";
import { beside, type StepProps } from "./Wizard.tsx";

const ASK_MS = 2_000;
const REFUSED_MS = 5_000;
const PATIENCE_MS = 15 * 60_000;

/** Webhooks of the integration as they come; pauses after 15 minutes. */
export function useArrivals(integration: Integration, isAsking: boolean) {
  const client = useClient();
  const { id, origin } = integration;
  return useQuery({
    queryKey: [client.workspace, "arrivals", id],
    refetchInterval: isAsking ? ASK_MS : false,
    queryFn: ({ signal }) =>
      client.get("/v1/origins/{origin}/webhooks", {
        path: { origin },
        query: { integration: [id], limit: 5 },
        signal,
      }),
  });
}

/** Waits for a real webhook, and shows what is refused meanwhile. */
export function SampleStep(props: StepProps & { integration: Integration }) {
  const { integration, go } = props;
  const { integrations } = useWords();
  const words = integrations.wizard;
  const client = useClient();
  const [asksSince, setAsksSince] = useState(() => Date.now());
  const [isAsking, setAsking] = useState(true);
  const arrivals = useArrivals(integration, isAsking);
  const refused = useQuery({
    ...refusedQuery(client, integration.id),
    refetchInterval: isAsking ? REFUSED_MS : false,
  });
  const application = useApplications().data?.find((one) => one.key === integration.application);
  const items = arrivals.data?.items ?? [];
  const isPaused = !isAsking && items.length === 0;

  useEffect(() => {
    const timer = setTimeout(() => setAsking(false), PATIENCE_MS - (Date.now() - asksSince));
    return () => clearTimeout(timer);
  }, [asksSince]);
  const use = (webhook: string | undefined) => go(beside("sample", 1), { webhook });
  return (
    <>
      <h2>{words.sampleTitle}</h2>
      <p>{words.sampleText}</p>
      <UrlBox integration={integration.id} isShown />
      {application?.note && <p className={styles.note}>{application.note}</p>}
      {items.length === 0 && !isPaused && (
        <p className={styles.waiting} role="status">
          <span className={styles.live} />
          {words.waiting}
        </p>
      )}
      {isPaused && (
        <Banner
          tone="plain"
          action={
            <Button
              small
              onPress={() => {
                setAsksSince(Date.now());
                setAsking(true);
              }}
            >
              {words.waitAgain}
            </Button>
          }
        >
          {words.paused}
        </Banner>
      )}
      {items.length > 0 && (
        <div role="status" className={styles.arrivals}>
          <p className={styles.arrived}>
            <Icon name="check" />
            {words.arrived}
          </p>
          {items.map((webhook) => (
            <Arrival key={webhook.id} webhook={webhook} onUse={() => use(webhook.id)} />
          ))}
        </div>
      )}
      {(refused.data ?? []).slice(0, 2).map((row) => (
        <Banner key={`${row.day} ${row.code}`} tone="bad">
          {words.refusedNow(row.message, row.last_ip)}
        </Banner>
      ))}
      <Ways
        application={application}
        integration={integration.id}
        onCatalogue={() => use(undefined)}
      />
      <Footer canLeave onBack={() => go(beside("sample", -1))} onNext={() => use(items[0]?.id)} />
    </>
  );
}

function Arrival(props: { webhook: Schemas["Webhook"]; onUse: () => void }) {
  const { integrations } = useWords();
  const words = integrations.wizard;
  const language = useLanguage();
  const { webhook } = props;
  return (
    <div className={styles.arrival}>
      <Time at={webhook.received_at} />
      <span>{webhook.method}</span>
      <span>{sizeText(webhook.size, language)}</span>
      <Button small onPress={props.onUse}>
        {words.use}
      </Button>
    </div>
  );
}

function Ways(props: {
  application: Schemas["Application"] | undefined;
  integration: string;
  onCatalogue: () => void;
}) {
  const { integrations } = useWords();
  const words = integrations.wizard;
  const url = useUrl(props.integration, false).data?.url;
  const sample = props.application?.sample;
  const body = typeof sample?.body === "string" ? sample.body : JSON.stringify(sample?.body ?? {});
  return (
    <div className={styles.ways}>
      <h3>{words.otherWays}</h3>
      <div className={styles.wayButtons}>
        <Button onPress={props.onCatalogue}>{words.useCatalogue}</Button>
        {url && (
          <Copy text={curlOf(url, sample?.content_type ?? "application/json", body)}>curl</Copy>
        )}
      </div>
      <p className={styles.hint}>{words.paste}</p>
    </div>
  );
}
