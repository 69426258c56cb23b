import { useCallback } from "react";
import { useEndpoints, useIntegrations, useOrigins, useRules } from "../../api/configuration.ts";
import type { Job } from "../../api/jobs.ts";
import { queryOfJob } from "../../lib/jobFilter.ts";
import { periodText } from "../../ui/Period.tsx";
import { useLanguage, useZones } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";

interface Named {
  id: string;
  name: string;
}

/** The filter of a job in words: its origin first, then a part for each parameter. */
export function useJobFilter(): (job: Job) => string {
  const words = useWords();
  const zones = useZones();
  const language = useLanguage();
  const origins = useOrigins().data;
  const integrations = useIntegrations().data;
  const endpoints = useEndpoints().data;
  const rules = useRules().data;
  return useCallback(
    (job) => {
      const w = words.history;
      const query = queryOfJob(job);
      const names = (ids: string | undefined, among: readonly Named[] | undefined) =>
        ids
          ?.split(",")
          .map((id) => among?.find((one) => one.id === id)?.name ?? id)
          .join(", ");
      const statuses = query.status?.split(",").map((one) => words.parts.inbound[one as "error"]);
      const states = query.state?.split(",").map((one) => words.parts.delivery[one as "held"]);
      const bounds = {
        ...(query.from === undefined ? {} : { from: query.from }),
        ...(query.to === undefined ? {} : { to: query.to }),
      };
      const said = [
        names(job.origin ?? undefined, origins),
        periodText(bounds, words, zones.workspace, language, Date.now()),
        statuses?.join(", "),
        states?.join(", "),
        query.application,
        names(query.integration, integrations),
        names(query.endpoint, endpoints),
        names(query.rule, rules),
        query.subject ?? query.q,
      ].filter((part) => typeof part === "string" && part !== "");
      return said.length === 0 ? w.jobs.all : said.join(" · ");
    },
    [words, zones.workspace, language, origins, integrations, endpoints, rules],
  );
}
