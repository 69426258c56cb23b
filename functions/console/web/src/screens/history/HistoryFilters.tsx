import { useMemo } from "react";
import { useApplications, useIntegrations, useWorkspaceSettings } from "../../api/configuration.ts";
import type { Step } from "../../lib/address.ts";
import type { Period as Bounds } from "../../lib/period.ts";
import { AppIcon } from "../../ui/AppIcon.tsx";
import { ChoiceFilter, FilterBar, type FilterChoice } from "../../ui/Filters.tsx";
import { Period } from "../../ui/Period.tsx";
import { Search } from "../../ui/Search.tsx";
import { useWords } from "../../words/index.ts";
import { type HistorySearch, isFiltered, NO_FILTER, STATUSES } from "./search.ts";

interface Props {
  origin: string;
  search: HistorySearch;
  change: (part: Partial<HistorySearch>, step?: Step) => void;
}

/** The filters of S1.9, with the names of the API's parameters. */
export function HistoryFilters({ origin, search, change }: Props) {
  const words = useWords();
  const w = words.history.filters;
  const { data: settings } = useWorkspaceSettings();
  const applications = useApplicationChoices(origin);
  const integrations = useIntegrationChoices(origin);
  const statuses = STATUSES.map((id) => ({ id, label: words.parts.inbound[id] }));
  const bounds: Bounds = {
    ...(search.from === undefined ? {} : { from: search.from }),
    ...(search.to === undefined ? {} : { to: search.to }),
  };
  return (
    <FilterBar onClear={isFiltered(search) ? () => change(NO_FILTER) : undefined}>
      <Period
        label={w.date}
        value={bounds}
        retention={{ months: settings?.inbound_months ?? 3 }}
        onChange={({ from, to }, step) => change({ from, to }, step)}
      />
      <ChoiceFilter
        label={w.status}
        choices={statuses}
        value={search.status}
        onChange={(ids, step) =>
          change({ status: STATUSES.filter((status) => ids.includes(status)) }, step)
        }
      />
      <ChoiceFilter
        label={w.applications}
        choices={applications}
        value={search.application}
        onChange={(application, step) => change({ application }, step)}
      />
      <ChoiceFilter
        label={w.integration}
        choices={integrations}
        value={search.integration}
        onChange={(integration, step) => change({ integration }, step)}
      />
      <Search
        label={w.search}
        value={search.q ?? ""}
        onSearch={(q) => change({ q: q === "" ? undefined : q })}
      />
    </FilterBar>
  );
}

/** Applications of the origin first, the rest of the catalogue after them. */
function useApplicationChoices(origin: string): FilterChoice[] {
  const { data: applications } = useApplications();
  const { data: integrations } = useIntegrations();
  const { others } = useWords().history.filters;
  return useMemo(() => {
    const own = new Set(
      integrations?.filter((one) => one.origin === origin).map((one) => one.application),
    );
    const choice = (about?: string) => (one: { key: string; name: string; icon: string }) => ({
      id: one.key,
      label: one.name,
      mark: <AppIcon path={one.icon} />,
      about,
    });
    const all = applications ?? [];
    return [
      ...all.filter((one) => own.has(one.key)).map(choice()),
      ...all.filter((one) => !own.has(one.key)).map(choice(others)),
    ];
  }, [applications, integrations, origin, others]);
}

function useIntegrationChoices(origin: string): FilterChoice[] {
  const { data } = useIntegrations();
  return useMemo(
    () =>
      (data ?? [])
        .filter((one) => one.origin === origin)
        .map((one) => ({ id: one.id, label: one.name })),
    [data, origin],
  );
}
