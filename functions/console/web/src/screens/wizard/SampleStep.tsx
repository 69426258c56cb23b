import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useApplications } from "../../api/configuration.ts";
import { useClient } from "../../api/context.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { useWords } from "../../words/index.ts";
import { refusedQuery } from "../integration/refused.ts";
import { UrlBox } from "../integration/UrlBox.tsx";
import type { Integration } from "../integration/useChange.ts";
import { Arrival } from "./Arrival.tsx";
import { useArrivals } from "./arrivals.ts";
import { Footer } from "./Footer.tsx";
import { Title } from "./Title.tsx";
import { Ways } from "./Ways.tsx";
import styles from "./Wizard.module.css";
import { beside, type StepProps } from "./Wizard.tsx";

const REFUSED_MS = 5_000;
const PATIENCE_MS = 15 * 60_000;

/** Waits for a real webhook, and shows what is refused meanwhile. */
export function SampleStep(props: StepProps & { integration: Integration }) {
  const { integration, go } = props;
  const words = useWords().integrations.wizard;
  const [asksSince, setAsksSince] = useState(() => Date.now());
  const [isAsking, setAsking] = useState(true);
  const arrivals = useArrivals(integration, () => isAsking);
  const application = useApplications().data?.find((one) => one.key === integration.application);
  const items = arrivals.data?.items ?? [];
  const came = items.length > 0;

  useEffect(() => {
    const timer = setTimeout(() => setAsking(false), PATIENCE_MS - (Date.now() - asksSince));
    return () => clearTimeout(timer);
  }, [asksSince]);
  const on = (part: { webhook?: string; sample?: "pasted" }) =>
    go(beside("sample", 1), { webhook: undefined, sample: undefined, ...part });
  const newest = items[0];
  return (
    <>
      <Title>{words.sampleTitle}</Title>
      <p>{words.sampleText}</p>
      <UrlBox integration={integration.id} isShown />
      {application?.note && <p className={styles.note}>{application.note}</p>}
      {!came && isAsking && (
        <p className={styles.waiting} role="status">
          <span className={styles.live} />
          {words.waiting}
        </p>
      )}
      {!came && !isAsking && (
        <Paused
          onAgain={() => {
            setAsksSince(Date.now());
            setAsking(true);
          }}
        />
      )}
      {came && (
        <section className={styles.arrivals} aria-label={words.arrivals}>
          <p className={styles.arrived} role="status">
            <Icon name="check" />
            {words.arrived}
          </p>
          {items.map((webhook) => (
            <Arrival
              key={webhook.id}
              webhook={webhook}
              origin={integration.origin}
              onUse={() => on({ webhook: webhook.id })}
            />
          ))}
        </section>
      )}
      <Refused integration={integration} isAsking={isAsking} />
      <Ways
        application={application}
        integration={integration}
        onCatalogue={() => on({})}
        onPaste={() => on({ sample: "pasted" })}
      />
      <Footer
        canLeave
        isQuiet={!came}
        nextLabel={came ? undefined : words.skip}
        onBack={() => go(beside("sample", -1))}
        onNext={() => on(newest === undefined ? {} : { webhook: newest.id })}
      />
    </>
  );
}

function Paused({ onAgain }: { onAgain: () => void }) {
  const words = useWords().integrations.wizard;
  return (
    <Banner
      tone="plain"
      action={
        <Button small onPress={onAgain}>
          {words.waitAgain}
        </Button>
      }
    >
      {words.paused}
    </Banner>
  );
}

/** The requests that were refused, with their remedy: the sender is often the one that has to be mended. */
function Refused(props: { integration: Integration; isAsking: boolean }) {
  const { integrations, codes } = useWords();
  const refused = useQuery({
    ...refusedQuery(useClient(), props.integration.id),
    refetchInterval: props.isAsking ? REFUSED_MS : false,
  });
  return (refused.data ?? []).slice(0, 2).map((row) => (
    <Banner key={`${row.day} ${row.code}`} tone="bad" alert>
      <p>{integrations.wizard.refusedNow(row.message, row.last_ip)}</p>
      <p>{codes[row.code].next}</p>
    </Banner>
  ));
}
