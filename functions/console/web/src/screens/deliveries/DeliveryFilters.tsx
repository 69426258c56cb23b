import { useRef } from "react";
import { useEndpoints, useIntegrations, useRules } from "../../api/configuration.ts";
import type { Step } from "../../lib/address.ts";
import { tailOf } from "../../lib/ids.ts";
import type { Period as Value } from "../../lib/period.ts";
import { ChoiceFilter, FilterBar } from "../../ui/Filters.tsx";
import { Period } from "../../ui/Period.tsx";
import { Search } from "../../ui/Search.tsx";
import { useStatusWord } from "../../ui/StatusMark.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Deliveries.module.css";
import { CLEARED, type DeliverySearch, isFiltered } from "./search.ts";

export type Change = (part: Partial<DeliverySearch>, step?: Step) => void;

/** Period, search and filters of the list of deliveries. */
export function DeliveryFilters(props: { search: DeliverySearch; change: Change; days: number }) {
  const { search, change } = props;
  const texts = useWords().deliveries;
  const statusWord = useStatusWord();
  const rules = useRules().data ?? [];
  const endpoints = useEndpoints().data ?? [];
  const integrations = useIntegrations().data ?? [];
  const targets = new Set(
    rules.flatMap(({ target }) =>
      "integration" in target ? [target.integration.integration] : [],
    ),
  );
  const reaching = integrations.filter(
    ({ id }) => targets.has(id) || search.integration.includes(id),
  );
  const before = useRef<Value>({});

  // A subject alone is searched over the whole retention; the period comes back afterwards (S2.5).
  function onSearch(subject: string): void {
    if (subject === "") {
      const { from, to } = before.current;
      before.current = {};
      change({ subject: undefined, ...(search.from || search.to ? {} : { from, to }) });
      return;
    }
    if (search.subject === undefined) {
      before.current = {
        ...(search.from && { from: search.from }),
        ...(search.to && { to: search.to }),
      };
    }
    change({ subject, from: undefined, to: undefined });
  }

  const period: Value = {};
  if (search.from !== undefined) period.from = search.from;
  if (search.to !== undefined) period.to = search.to;
  return (
    <div className={styles.filters}>
      <FilterBar onClear={isFiltered(search) ? () => change(CLEARED) : undefined}>
        <Period
          value={period}
          retention={{ days: props.days }}
          onChange={({ from, to }, step) => change({ from, to }, step)}
        />
        <Search label={texts.searchLabel} value={search.subject ?? ""} onSearch={onSearch} />
        <ChoiceFilter
          label={texts.filters.rule}
          value={search.rule}
          choices={rules.map(({ id, name }) => ({ id, label: name, about: tailOf(id) }))}
          onChange={(rule, step) => change({ rule }, step)}
        />
        <ChoiceFilter
          label={texts.filters.endpoint}
          value={search.endpoint}
          choices={endpoints.map(({ id, name, state }) => ({
            id,
            label: name,
            about: state === "active" ? undefined : statusWord({ of: "endpoint", status: state }),
          }))}
          onChange={(endpoint, step) => change({ endpoint }, step)}
        />
        {reaching.length > 0 && (
          <ChoiceFilter
            label={texts.filters.integration}
            value={search.integration}
            choices={reaching.map(({ id, name }) => ({ id, label: name }))}
            onChange={(integration, step) => change({ integration }, step)}
          />
        )}
      </FilterBar>
    </div>
  );
}
