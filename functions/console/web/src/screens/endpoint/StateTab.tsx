import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useClient, useWorkspace } from "../../api/context.tsx";
import { deliveryQuery } from "../../api/deliveries.ts";
import { useFront, useQueued } from "../../api/lanes.ts";
import { blocksLane } from "../../lib/lane.ts";
import { paths } from "../../lib/paths.ts";
import { durationText, momentText } from "../../lib/time.ts";
import { ButtonLink, Link } from "../../ui/Link.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { Time } from "../../ui/Time.tsx";
import { useLanguage, useZones } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import { Fact } from "../delivery/Facts.tsx";
import { Health } from "../endpoints/Health.tsx";
import { Patience } from "../endpoints/Patience.tsx";
import { draftOf, policyOf } from "../endpoints/policyDraft.ts";
import type { Endpoint } from "../endpoints/useEndpointActions.tsx";
import styles from "./Endpoint.module.css";
import { FailureChart } from "./FailureChart.tsx";

/** The state of an endpoint, its beginning and its reason, in a sentence. */
function useSentence(endpoint: Endpoint): string[] {
  const words = useWords().endpoints.one.sentence;
  const { shown } = useZones();
  const language = useLanguage();
  const { stopped, state } = endpoint;
  if (state === "probing") return [words.probing];
  if (!stopped) return [words.active];
  const when = momentText(stopped.since, shown, language);
  const { code, failures = 0, seconds = 0, percent = 0 } = stopped.reason;
  const why = {
    window: words.window(when, failures, durationText(seconds * 1000, language), percent),
    streak: words.streak(when, failures),
    by_person: words.byPerson(when),
    endpoint_gone: words.gone(when),
    enabled: words.enabled(when),
  }[code];
  const shared = {
    endpoint: "",
    url: words.sharedUrl,
    workspace: words.sharedWorkspace,
  }[stopped.shared_by];
  const probe = stopped.probe_at
    ? words.probeAt(momentText(stopped.probe_at, shown, language))
    : "";
  return [why, shared, probe].filter(Boolean);
}

/** An ordered endpoint that stands still: a failure for good, and those behind it (D11). */
function useBlocked(endpoint: Endpoint) {
  const { order } = endpoint.policy;
  const front = useFront(order === "block" ? endpoint.id : undefined);
  const failed = front?.state === "failure";
  // A failure from before the endpoint was ordered has no place in the lane: only its details tell.
  const detail = useQuery({ ...deliveryQuery(useClient(), front?.id ?? ""), enabled: failed }).data;
  const blocks = failed && detail?.id === front.id && blocksLane(detail, order);
  const queued = useQueued(endpoint.id, blocks);
  return blocks && queued > 0 ? { front, queued } : null;
}

function Blocked({ front, queued }: NonNullable<ReturnType<typeof useBlocked>>) {
  const texts = useWords().endpoints.one;
  const { id: ws } = useWorkspace();
  return (
    <Banner
      tone="bad"
      action={
        <ButtonLink href={paths.delivery(ws, front.id)}>
          {texts.blockedOpen(front.subject)}
        </ButtonLink>
      }
    >
      {texts.blocked(front.subject, queued)}
    </Banner>
  );
}

/** The state of an endpoint, what stopped it, what is held, and how patient it is. */
export function StateTab({ endpoint }: { endpoint: Endpoint }) {
  const { one: texts, columns } = useWords().endpoints;
  const [now] = useState(Date.now);
  const { id: ws } = useWorkspace();
  const { state, held, health } = endpoint;
  const sentence = useSentence(endpoint).join(" ");
  const tone = state === "active" ? "ok" : state === "suspended" ? "bad" : "wait";
  const stands = useBlocked(endpoint);
  const blocked = state === "active" ? stands : null;
  const policy = policyOf(draftOf(endpoint.policy));
  return (
    <div className={styles.stack}>
      {blocked ? <Blocked {...blocked} /> : <Banner tone={tone}>{sentence}</Banner>}
      {state === "active" && held > 0 && <Banner tone="wait">{texts.draining(held)}</Banner>}
      <FailureChart endpoint={endpoint} />
      <dl className={styles.facts}>
        <Fact name={columns.health}>
          <Health health={health} />
        </Fact>
        <Fact name={columns.held}>
          {held === 0 ? (
            texts.heldNone
          ) : (
            <>
              {texts.held(held)} ·{" "}
              <Link href={paths.deliveries(ws, { tab: "held", endpoint: endpoint.id })}>
                {texts.heldLink}
              </Link>
            </>
          )}
        </Fact>
        <Fact name={texts.lastSuccess}>
          {health?.last_success ? <Time at={health.last_success} /> : texts.never}
        </Fact>
        <Fact name={texts.lastFailure}>
          {health?.last_failure ? <Time at={health.last_failure.at} /> : texts.never}
        </Fact>
      </dl>
      {policy && (
        <div className={styles.box}>
          <Patience policy={policy} start={now} />
        </div>
      )}
    </div>
  );
}
