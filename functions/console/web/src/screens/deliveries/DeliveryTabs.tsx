import type { ReactNode } from "react";
import type { DeliveryState, DeliveryTotals } from "../../api/deliveries.ts";
import { countText, percentText } from "../../lib/time.ts";
import { Button } from "../../ui/Button.tsx";
import { Counter } from "../../ui/Counter.tsx";
import { useStatusWord } from "../../ui/StatusMark.tsx";
import { type TabItem, Tabs } from "../../ui/Tabs.tsx";
import { useLanguage } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Deliveries.module.css";
import type { Change } from "./DeliveryFilters.tsx";
import { type DeliverySearch, STATES_OF, type Tab, tabOf } from "./search.ts";
import type { DeliveryListState } from "./useDeliveries.ts";

/** The tabs with their totals, and the counter of what is shown below them. */
export function DeliveryTabs(props: {
  search: DeliverySearch;
  change: Change;
  list: DeliveryListState;
  tools: ReactNode;
  children: ReactNode;
}) {
  const { search, change, list } = props;
  const texts = useWords().deliveries;
  const selected = tabOf(search);
  const items = useTabs(list.totals, selected);
  return (
    <Tabs
      label={texts.tabs.label}
      items={items}
      selected={selected}
      onSelect={(tab) => change({ tab, state: [] })}
    >
      <div className={styles.stack}>
        <div className={styles.line}>
          <span className={styles.split}>
            <Counter catching={list.catching}>
              {list.count === undefined ? "—" : texts.count(list.count)}
            </Counter>
            {search.subject !== undefined &&
              search.from === undefined &&
              search.to === undefined && (
                <span title={texts.withPeriod}>{texts.wholeRetention}</span>
              )}
            {selected === "error" && <Split search={search} change={change} />}
            {selected === "all" && !props.search.subject && <span>{texts.tabs.allTip}</span>}
          </span>
          {props.tools}
        </div>
        {props.children}
      </div>
    </Tabs>
  );
}

function useTabs(totals: DeliveryTotals | undefined, selected: Tab): TabItem<Tab>[] {
  const { tabs } = useWords().deliveries;
  const language = useLanguage();
  const count = (n: number | undefined) => (n === undefined ? undefined : countText(n, language));
  const share = (percent: number | null | undefined) =>
    percent === null || percent === undefined ? undefined : percentText(percent, language);
  const held = totals?.held.count ?? 0;
  const discarded = totals?.discarded.count ?? 0;
  const errors = totals?.with_error.count ?? 0;
  return [
    { id: "all", label: tabs.all, count: count(totals?.all.count) },
    {
      id: "error",
      label: tabs.error,
      count: count(totals?.with_error.count),
      share: share(totals?.with_error.percent),
      tone: errors > 0 ? "bad" : undefined,
    },
    { id: "process", label: tabs.process, count: count(totals?.in_process.count) },
    {
      id: "success",
      label: tabs.success,
      count: count(totals?.succeeded.count),
      share: share(totals?.succeeded.percent),
    },
    ...(held > 0 || selected === "held"
      ? [{ id: "held" as const, label: tabs.held, count: count(held), tone: "wait" as const }]
      : []),
    ...(discarded > 0 || selected === "discarded"
      ? [{ id: "discarded" as const, label: tabs.discarded, count: count(discarded) }]
      : []),
  ];
}

/** Splits the tab of errors into the two states that it holds. */
function Split({ search, change }: { search: DeliverySearch; change: Change }) {
  const word = useStatusWord();
  const toggle = (state: DeliveryState) => {
    const only = search.state.length === 1 && search.state[0] === state;
    change(only ? { state: [], tab: "error" } : { state: [state] });
  };
  return (
    <span className={styles.states}>
      {STATES_OF.error.map((state) => (
        <Button
          key={state}
          small
          pressed={search.state.length === 1 && search.state[0] === state}
          onPress={() => toggle(state)}
        >
          {word({ of: "delivery", status: state })}
        </Button>
      ))}
    </span>
  );
}
