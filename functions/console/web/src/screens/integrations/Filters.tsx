import { useApplications, useOrigins } from "../../api/configuration.ts";
import type { Step } from "../../lib/address.ts";
import { AppIcon } from "../../ui/AppIcon.tsx";
import { FilterBar, SingleFilter } from "../../ui/Filters.tsx";
import { Search } from "../../ui/Search.tsx";
import { useWords } from "../../words/index.ts";
import { type IntegrationsSearch, STATES } from "./search.ts";

/** The filters of the list. They act in the browser, which has the whole list. */
export function Filters(props: {
  search: IntegrationsSearch;
  change: (part: Partial<IntegrationsSearch>, step?: Step) => void;
  onClear: () => void;
}) {
  const { search, change } = props;
  const { integrations: words } = useWords();
  const origins = useOrigins().data ?? [];
  const applications = useApplications().data ?? [];
  const isSet = Object.values(search).some((value) => value !== undefined);
  return (
    <FilterBar onClear={isSet ? props.onClear : undefined}>
      <SingleFilter
        label={words.origin}
        choices={origins.map(({ id, name }) => ({ id, label: name }))}
        value={search.origin}
        onChange={(origin, step) => change({ origin }, step)}
      />
      <SingleFilter
        label={words.application}
        choices={applications.map(({ key, name, icon }) => ({
          id: key,
          label: name,
          mark: <AppIcon path={icon} />,
        }))}
        value={search.application}
        onChange={(application, step) => change({ application }, step)}
      />
      <SingleFilter
        label={words.state}
        choices={STATES.map((id) => ({ id, label: words.states[id] }))}
        value={search.state}
        onChange={(chosen, step) =>
          change({ state: STATES.find((state) => state === chosen) }, step)
        }
      />
      <Search
        label={words.search}
        value={search.q ?? ""}
        onSearch={(q) => change({ q: q || undefined })}
      />
    </FilterBar>
  );
}
