import { useCallback } from "react";
import { useApplications, useIntegrations } from "../../api/configuration.ts";
import type { WebhookFilter } from "../../api/history.ts";
import { periodText } from "../../ui/Period.tsx";
import { useLanguage, useZones } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";

/** A filter in words, a part for each of its parameters. */
export function useFilterWords(): (filter: WebhookFilter) => string[] {
  const words = useWords();
  const w = words.history.filters;
  const zones = useZones();
  const language = useLanguage();
  const { data: applications } = useApplications();
  const { data: integrations } = useIntegrations();
  return useCallback(
    (filter) => {
      const bounds = {
        ...(filter.from === undefined ? {} : { from: filter.from }),
        ...(filter.to === undefined ? {} : { to: filter.to }),
      };
      const period = periodText(bounds, words, zones.workspace, language, Date.now());
      const apps = filter.application.map(
        (key) => applications?.find((one) => one.key === key)?.name ?? key,
      );
      const names = filter.integration.map(
        (id) => integrations?.find((one) => one.id === id)?.name ?? id,
      );
      const said = [
        period === null ? null : `${w.date}: ${period}`,
        filter.status.length === 0
          ? null
          : `${w.status}: ${filter.status.map((one) => words.parts.inbound[one]).join(", ")}`,
        apps.length === 0 ? null : `${w.applications}: ${apps.join(", ")}`,
        names.length === 0 ? null : `${w.integration}: ${names.join(", ")}`,
        filter.q === undefined ? null : w.words.search(filter.q),
      ].filter((part) => part !== null);
      return said.length === 0 ? [w.words.everything] : said;
    },
    [words, w, zones.workspace, language, applications, integrations],
  );
}
