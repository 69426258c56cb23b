import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useEndpoints, useIntegrations, useOrigins } from "../../api/configuration.ts";
import { useClient } from "../../api/context.tsx";
import { newestJobsQuery } from "../../api/jobs.ts";
import { Page } from "../../shell/Page.tsx";
import { useNow } from "../../ui/useNow.ts";
import { useWords } from "../../words/index.ts";
import { Attention } from "./Attention.tsx";
import { pointsOf } from "./attention.ts";
import { FirstSteps } from "./FirstSteps.tsx";
import styles from "./Home.module.css";
import { Inbound } from "./Inbound.tsx";
import { LastErrors } from "./LastErrors.tsx";
import { Notices } from "./Notices.tsx";
import { Outbound } from "./Outbound.tsx";

const EVERY = 30_000;

/** C-10: whether everything is well, answered in the title. */
export function Home() {
  const w = useWords().home;
  const client = useClient();
  const origins = useOrigins();
  const endpoints = useEndpoints({ refetchInterval: EVERY });
  const integrations = useIntegrations({ refetchInterval: EVERY });
  const jobs = useQuery(newestJobsQuery(client));
  const now = useNow(false);
  const points = useMemo(() => {
    if (!endpoints.data || !integrations.data || !jobs.data) return null;
    const seen = {
      endpoints: endpoints.data,
      integrations: integrations.data,
      jobs: jobs.data,
    };
    return pointsOf(seen, now);
  }, [endpoints.data, integrations.data, jobs.data, now]);
  const failed = endpoints.error ?? integrations.error ?? jobs.error;
  const retry = () => {
    void endpoints.refetch();
    void integrations.refetch();
    void jobs.refetch();
  };
  const answer =
    points === null ? w.checking : points.length === 0 ? w.well : w.points(points.length);
  return (
    <Page title={w.title} heading={failed && !points ? w.title : answer}>
      <Attention points={points} error={failed} onRetry={retry} />
      <FirstSteps />
      <div className={styles.columns}>
        <Inbound origins={origins} />
        <Outbound />
      </div>
      <LastErrors origins={origins} />
      <Notices />
    </Page>
  );
}
