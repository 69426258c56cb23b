import { useCallback, useEffect, useMemo, useRef } from "react";
import { useOrigins, useWorkspaceSettings } from "../../api/configuration.ts";
import { useMay, useWorkspace } from "../../api/context.tsx";
import { isProblem } from "../../api/problem.ts";
import { useAddress } from "../../lib/address.ts";
import { changePreferences, preferences, usePreferences } from "../../lib/preferences.ts";
import { useParams } from "../../lib/router/hooks.ts";
import { useDrawer } from "../../lib/useDrawer.ts";
import { useIdle } from "../../lib/useIdle.ts";
import { NotFound } from "../../shell/NotFound.tsx";
import { Page } from "../../shell/Page.tsx";
import { Button } from "../../ui/Button.tsx";
import { Problem } from "../../ui/Problem.tsx";
import { Switch } from "../../ui/Switch.tsx";
import { useWords } from "../../words/index.ts";
import { ExportCsv } from "./ExportCsv.tsx";
import { endsInThePast } from "./ends.ts";
import styles from "./History.module.css";
import { HistoryDrawer } from "./HistoryDrawer.tsx";
import { HistoryFilters } from "./HistoryFilters.tsx";
import { HistoryList } from "./HistoryList.tsx";
import { OriginSwitcher } from "./OriginSwitcher.tsx";
import { ReprocessDialog } from "./ReprocessDialog.tsx";
import { RunningJob } from "./RunningJob.tsx";
import { filterOf, type HistorySearch, historySearch } from "./search.ts";
import { useHistory } from "./useHistory.ts";
import { useLive } from "./useLive.ts";

const LIVE_FOR = 60 * 60_000;

/** C-12: what an origin received. */
export function History() {
  const { origin = "" } = useParams();
  return <HistoryOf key={origin} origin={origin} />;
}

function HistoryOf({ origin }: { origin: string }) {
  const words = useWords();
  const w = words.history;
  const [search, change] = useAddress<HistorySearch>(historySearch);
  const filterKey = JSON.stringify(filterOf(search));
  // The filter keeps its identity while a drawer opens and closes: it is the key of the list.
  const filter = useMemo((): ReturnType<typeof filterOf> => JSON.parse(filterKey), [filterKey]);
  const list = useHistory(origin, filter);
  const place = useRef<HTMLDivElement>(null);
  const ended = useEnded(search);
  const live = useLive({
    on: search.live && !ended,
    origin,
    filter,
    list,
    place,
    reading: search.w !== undefined,
  });
  const setDrawer = useCallback(
    (w: string | undefined, step: "push" | "replace") =>
      change(
        w === undefined ? { w, tab: "summary", node: undefined } : { w, node: undefined },
        step,
      ),
    [change],
  );
  const drawer = useDrawer(search.w, setDrawer);
  const stopLive = useCallback(() => change({ live: false }, "replace"), [change]);
  useIdle(search.live, LIVE_FOR, stopLive);
  useLastOrigin(origin);
  const asks = search.again;
  const setAsks = useCallback((again: boolean) => change({ again }, "replace"), [change]);
  const { data: settings } = useWorkspaceSettings();
  const name = useOrigins().data?.find((one) => one.id === origin)?.name ?? "";
  const may = useMay("operator");
  const count = live.count ?? list.count;

  if (isProblem(list.query.error) && list.query.error.status === 404) return <NotFound />;
  const actions = (
    <>
      <Switch
        selected={search.live}
        onChange={(on) => change({ live: on }, "replace")}
        reason={ended ? w.liveReason : undefined}
      >
        {w.live}
      </Switch>
      <ExportCsv origin={origin} name={name} filter={filter} count={count} />
      <Button
        icon="retry"
        reason={may ? undefined : words.common.needs.operator}
        onPress={() => setAsks(true)}
      >
        {w.reprocess.button}
      </Button>
    </>
  );
  return (
    <Page
      title={name === "" ? w.title : `${w.title} · ${name}`}
      heading={<OriginSwitcher origin={origin} />}
      description={settings ? w.description(settings.inbound_months) : w.descriptionPlain}
      actions={actions}
    >
      <RunningJob origin={origin} />
      <HistoryFilters origin={origin} search={search} change={change} />
      <div ref={place} className={styles.list}>
        {live.waiting > 0 && (
          <div className={styles.fresh}>
            <Button kind="primary" small onPress={live.show}>
              {w.fresh(live.waiting)}
            </Button>
          </div>
        )}
        {list.query.isError && list.items.length === 0 ? (
          <Problem error={list.query.error} onRetry={() => void list.query.refetch()} />
        ) : (
          <HistoryList
            origin={origin}
            filter={filter}
            search={search}
            change={change}
            list={list}
            count={count}
            marked={live.marked}
            onOpen={drawer.show}
            onReprocessAll={() => setAsks(true)}
          />
        )}
      </div>
      {search.w !== undefined && (
        <HistoryDrawer
          origin={origin}
          search={{ ...search, w: search.w }}
          change={change}
          rows={list.items}
          onShow={drawer.show}
          onClose={drawer.close}
          onTouched={list.touched}
        />
      )}
      {asks && <ReprocessDialog origin={origin} filter={filter} onClose={() => setAsks(false)} />}
    </Page>
  );
}

/** Nothing new can come where the period ended. */
function useEnded(search: HistorySearch): boolean {
  const { time_zone: zone } = useWorkspace();
  return endsInThePast(search.to, Date.now(), zone);
}

/** The sidebar's *History* opens the origin used last. */
function useLastOrigin(origin: string): void {
  const { id } = useWorkspace();
  const { lastOrigin } = usePreferences();
  const differs = lastOrigin[id] !== origin;
  useEffect(() => {
    if (!differs) return;
    changePreferences({ lastOrigin: { ...preferences.get().lastOrigin, [id]: origin } });
  }, [differs, id, origin]);
}
