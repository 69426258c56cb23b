import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useClient, useWorkspace } from "../../api/context.tsx";
import { deliveriesKey } from "../../api/deliveries.ts";
import { paths } from "../../lib/paths.ts";
import { momentText } from "../../lib/time.ts";
import { Readers } from "../../ui/Chart.tsx";
import { Link } from "../../ui/Link.tsx";
import { useLanguage, useZones } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import { outcomeText } from "../deliveries/words.ts";
import type { Endpoint } from "../endpoints/useEndpointActions.tsx";
import styles from "./Endpoint.module.css";
import { FailurePicture } from "./FailurePicture.tsx";
import { type Dot, type Failures, failuresNow, failuresOfStop } from "./failures.ts";

/**
 * Section 8.3: each failed attempt as a dot on the running count of failures, with the line of the limit and the dot
 * that crossed it. Not drawn where nothing is known.
 */
export function FailureChart({ endpoint }: { endpoint: Endpoint }) {
  const { chart } = useWords().endpoints.one;
  const now = useFailuresNow(endpoint);
  const stop = failuresOfStop(endpoint);
  if (stop) return <Drawn title={chart.title} failures={stop} />;
  return now && <Drawn title={chart.healthy} failures={now} />;
}

/** The newest deliveries of an endpoint know the attempts that count now; the server knows their number. */
function useFailuresNow(endpoint: Endpoint): Failures | null {
  const client = useClient();
  const [now] = useState(Date.now);
  const { id, health, stopped } = endpoint;
  const { data } = useQuery({
    queryKey: [...deliveriesKey(client), "counted", id, health?.failures],
    enabled: !stopped && (health?.failures ?? 0) > 0,
    queryFn: ({ signal }) =>
      client.get("/v1/deliveries", {
        query: { endpoint: [id], state: ["failure", "retrying", "success"], limit: 100 },
        signal,
      }),
  });
  return stopped || !data ? null : failuresNow(endpoint, data.items, now);
}

function Drawn({ title, failures }: { title: string; failures: Failures }) {
  const words = useWords();
  const texts = words.endpoints.one.chart;
  const { shown } = useZones();
  const language = useLanguage();
  const { id: ws } = useWorkspace();
  const { dots, successes, limit, all } = failures;
  const what = (dot: Dot) => outcomeText({ ...dot.outcome, webhook: null }, words.deliveries);
  const full = (dot: Dot) => momentText(dot.at, shown, language);
  const hrefOf = (dot: Dot) => `${paths.delivery(ws, dot.delivery)}#attempt-${dot.attempt}`;
  return (
    <figure className={styles.chart}>
      <figcaption className={styles.chartTitle}>{title}</figcaption>
      <FailurePicture
        failures={failures}
        limitText={texts.limit(limit)}
        titleOf={(dot) => texts.dot(dot.number, full(dot), what(dot), dot.delivery.slice(-6))}
        hrefOf={hrefOf}
      />
      <ul className={styles.legend} aria-hidden="true">
        <li data-mark="answered">{texts.answered}</li>
        <li data-mark="unanswered">{texts.unanswered}</li>
        {successes.length > 0 && <li data-mark="success">{words.parts.delivery.success}</li>}
      </ul>
      {dots.length < all && <p className={styles.muted}>{texts.shown(dots.length, all)}</p>}
      <Readers title={title} asTable={words.parts.chart.asTable}>
        <thead>
          <tr>
            <th scope="col">{texts.number}</th>
            <th scope="col">{texts.at}</th>
            <th scope="col">{texts.outcome}</th>
            <th scope="col">{texts.delivery}</th>
          </tr>
        </thead>
        <tbody>
          {dots.map((dot) => (
            <tr key={`${dot.delivery} ${dot.attempt}`}>
              <td>
                {dot.number}
                {dot.crossed && ` (${texts.crossed})`}
              </td>
              <td>{full(dot)}</td>
              <td>{what(dot)}</td>
              <td>
                <Link href={hrefOf(dot)}>{dot.delivery.slice(-6)}</Link>
              </td>
            </tr>
          ))}
        </tbody>
      </Readers>
    </figure>
  );
}
