import type { ReactNode } from "react";
import { useApplications, useOrigins } from "../../api/configuration.ts";
import { Button } from "../../ui/Button.tsx";
import { Search } from "../../ui/Search.tsx";
import { Select } from "../../ui/Select.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Integrations.module.css";
import type { IntegrationsSearch } from "./search.ts";

const ALL = "all";
const STATES = ["active", "inactive", "errors"] as const;

/** The filters of the list. They act in the browser, which has the whole list. */
export function Filters(props: {
  search: IntegrationsSearch;
  change: (part: Partial<IntegrationsSearch>) => void;
  onClear: () => void;
  children: ReactNode;
}) {
  const { search, change } = props;
  const { integrations: words } = useWords();
  const origins = useOrigins().data ?? [];
  const applications = useApplications().data ?? [];
  const chosen = (id: string) => (id === ALL ? undefined : id);
  const isSet = Object.values(search).some((value) => value !== undefined);
  return (
    <div className={styles.filters}>
      <div className={styles.searchBox}>
        <Search
          label={words.search}
          value={search.q ?? ""}
          onSearch={(q) => change({ q: q || undefined })}
        />
      </div>
      <Select
        required
        label={words.origin}
        name="origin"
        value={search.origin ?? ALL}
        options={[
          { id: ALL, label: words.allOrigins },
          ...origins.map(({ id, name }) => ({ id, label: name })),
        ]}
        onChange={(id) => change({ origin: chosen(id) })}
      />
      <Select
        required
        label={words.application}
        name="application"
        value={search.application ?? ALL}
        options={[
          { id: ALL, label: words.allApplications },
          ...applications.map(({ key, name }) => ({ id: key, label: name })),
        ]}
        onChange={(id) => change({ application: chosen(id) })}
      />
      <Select
        required
        label={words.state}
        name="state"
        value={search.state ?? ALL}
        options={([ALL, ...STATES] as const).map((id) => ({ id, label: words.states[id] }))}
        onChange={(id) => change({ state: STATES.find((state) => state === id) })}
      />
      {isSet && (
        <Button kind="quiet" onPress={props.onClear}>
          {words.clear}
        </Button>
      )}
      <div className={styles.counter}>{props.children}</div>
    </div>
  );
}
