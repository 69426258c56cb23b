import { useCallback, useEffect, useMemo, useRef } from "react";
import { useOrigins, useWorkspaceSettings } from "../../api/configuration.ts";
import { useClient, useMay, useWorkspace } from "../../api/context.tsx";
import { newestWebhooksQuery, type Webhook } from "../../api/history.ts";
import { isProblem } from "../../api/problem.ts";
import { useAddress } from "../../lib/address.ts";
import { paths } from "../../lib/paths.ts";
import { changePreferences, preferences, usePreferences } from "../../lib/preferences.ts";
import { useParams } from "../../lib/router/hooks.ts";
import { useDrawer } from "../../lib/useDrawer.ts";
import { useKey } from "../../lib/useKey.ts";
import { useEnded, useLive } from "../../lib/useLive.ts";
import { NotFound } from "../../shell/NotFound.tsx";
import { Page } from "../../shell/Page.tsx";
import { Button } from "../../ui/Button.tsx";
import { LiveList } from "../../ui/LiveList.tsx";
import { Problem } from "../../ui/Problem.tsx";
import { Switch } from "../../ui/Switch.tsx";
import { useWords } from "../../words/index.ts";
import { ExportCsv } from "./ExportCsv.tsx";
import { HistoryDrawer } from "./HistoryDrawer.tsx";
import { HistoryFilters } from "./HistoryFilters.tsx";
import { HistoryList } from "./HistoryList.tsx";
import { OriginSwitcher } from "./OriginSwitcher.tsx";
import { ReprocessDialog } from "./ReprocessDialog.tsx";
import { RunningJob } from "./RunningJob.tsx";
import { filterOf, type HistorySearch, historySearch } from "./search.ts";
import { useHistory } from "./useHistory.ts";

const receivedAt = (row: Webhook) => row.received_at;

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
  const ended = useEnded(search.to);
  const on = search.live && !ended;
  const list = useHistory(origin, filter, on);
  const place = useRef<HTMLDivElement>(null);
  const client = useClient();
  const { id: ws, time_zone: zone } = useWorkspace();
  const live = useLive({
    on,
    head: newestWebhooksQuery({ client, origin, zone }, filter),
    list,
    at: receivedAt,
    place,
    reading: search.w !== undefined,
    onIdle: useCallback(() => change({ live: false }, "replace"), [change]),
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
  useKey("live", ended ? undefined : () => change({ live: !search.live }, "replace"));
  useLastOrigin(origin);
  const asks = search.again;
  const setAsks = useCallback((again: boolean) => change({ again }, "replace"), [change]);
  const { data: settings } = useWorkspaceSettings();
  const name = useOrigins().data?.find((one) => one.id === origin)?.name ?? "";
  const may = useMay("operator");
  const count = live.head?.count ?? list.count;

  if (isProblem(list.query.error) && list.query.error.status === 404) {
    return <NotFound list={{ label: words.common.nav.origins, href: paths.origins(ws) }} />;
  }
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
      <LiveList
        place={place}
        waiting={live.waiting}
        label={w.fresh(live.waiting, live.more)}
        onShow={live.show}
      >
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
      </LiveList>
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
