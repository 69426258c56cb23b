import { useCallback, useMemo, useRef, useState } from "react";
import { addressOf } from "../../api/client.ts";
import { useWorkspaceSettings } from "../../api/configuration.ts";
import { useClient, useMay, useWorkspace } from "../../api/context.tsx";
import { type Delivery, deliveryParameters, newestDeliveriesQuery } from "../../api/deliveries.ts";
import { type Step, useAddress } from "../../lib/address.ts";
import { useDrawer } from "../../lib/useDrawer.ts";
import { useKey } from "../../lib/useKey.ts";
import { useEnded, useLive } from "../../lib/useLive.ts";
import { Page } from "../../shell/Page.tsx";
import { Button } from "../../ui/Button.tsx";
import { LiveList } from "../../ui/LiveList.tsx";
import { Problem } from "../../ui/Problem.tsx";
import { Switch } from "../../ui/Switch.tsx";
import { ViewAsApi } from "../../ui/ViewAsApi.tsx";
import { useWords } from "../../words/index.ts";
import { DeliveriesCsv } from "./DeliveriesCsv.tsx";
import { DeliveryDrawer } from "./DeliveryDrawer.tsx";
import { DeliveryFilters } from "./DeliveryFilters.tsx";
import { DeliveryList } from "./DeliveryList.tsx";
import { DeliveryTabs } from "./DeliveryTabs.tsx";
import { ResendDialog } from "./ResendDialog.tsx";
import { SendDialog } from "./SendDialog.tsx";
import { type DeliverySearch, deliverySearch, filterOf } from "./search.ts";
import { useDeliveries } from "./useDeliveries.ts";

const createdAt = (row: Delivery) => row.created_at;
const NONE: ReadonlySet<string> = new Set();

/** C-20: what the rules sent. */
export function Deliveries() {
  const words = useWords();
  const texts = words.deliveries;
  const [search, change] = useAddress<DeliverySearch>(deliverySearch);
  const key = JSON.stringify(filterOf(search));
  // The filter keeps its identity while a drawer opens and closes: it is the key of the list.
  const filter = useMemo((): ReturnType<typeof filterOf> => JSON.parse(key), [key]);
  const ended = useEnded(search.to);
  const on = search.live && !ended;
  const list = useDeliveries(filter, on);
  const place = useRef<HTMLDivElement>(null);
  const client = useClient();
  const { time_zone: zone } = useWorkspace();
  const live = useLive({
    on,
    head: newestDeliveriesQuery(client, zone, filter),
    list,
    at: createdAt,
    place,
    reading: search.d !== undefined,
    onIdle: useCallback(() => change({ live: false }, "replace"), [change]),
  });
  const shown = live.head ? { ...list, count: live.head.count, totals: live.head.totals } : list;
  const [dialog, setDialog] = useState<"send" | "resend" | null>(null);
  const [marked, setMarked] = useState(NONE);
  const { data: settings } = useWorkspaceSettings();
  const setDrawer = useCallback(
    (d: string | undefined, step: Step) => change({ d, attempt: undefined }, step),
    [change],
  );
  const drawer = useDrawer(search.d, setDrawer);
  useKey("live", ended ? undefined : () => change({ live: !search.live }, "replace"));
  const needs = useMay("operator") ? undefined : words.common.needs.operator;
  const actions = (
    <>
      <Switch
        selected={on}
        onChange={(next) => change({ live: next }, "replace")}
        reason={ended ? texts.liveReason : undefined}
      >
        {texts.live}
      </Switch>
      <DeliveriesCsv filter={filter} count={shown.count} />
      <Button icon="retry" reason={needs} onPress={() => setDialog("resend")}>
        {texts.bulk.button}
      </Button>
      <Button kind="primary" icon="send" reason={needs} onPress={() => setDialog("send")}>
        {texts.send}
      </Button>
    </>
  );
  return (
    <Page
      title={texts.title}
      description={settings ? texts.description(settings.outbound_days) : texts.descriptionPlain}
      actions={actions}
    >
      <DeliveryFilters search={search} change={change} days={settings?.outbound_days ?? 30} />
      <DeliveryTabs search={search} change={change} list={shown} tools={<AsApi filter={filter} />}>
        <LiveList
          place={place}
          waiting={live.waiting}
          label={texts.fresh(live.waiting, live.more)}
          onShow={live.show}
        >
          {list.query.isError && list.items.length === 0 ? (
            <Problem error={list.query.error} onRetry={() => void list.query.refetch()} />
          ) : (
            <DeliveryList
              search={search}
              change={change}
              list={shown}
              marked={marked.size > 0 ? marked : live.marked}
              onOpen={drawer.show}
            />
          )}
        </LiveList>
      </DeliveryTabs>
      {search.d !== undefined && (
        <DeliveryDrawer
          id={search.d}
          attempt={search.attempt}
          rows={list.items}
          onShow={drawer.show}
          onClose={drawer.close}
          onTouched={list.touched}
        />
      )}
      {dialog === "resend" && (
        <ResendDialog search={search} onClose={() => setDialog(null)} onStarted={list.touched} />
      )}
      {dialog === "send" && (
        <SendDialog
          subject={search.subject ?? ""}
          onClose={() => setDialog(null)}
          onSent={(made) => {
            setMarked(new Set(made));
            list.touched();
          }}
        />
      )}
    </Page>
  );
}

function AsApi({ filter }: { filter: ReturnType<typeof filterOf> }) {
  const { time_zone: zone } = useWorkspace();
  const query = { ...deliveryParameters(filter, Date.now(), zone), limit: 50 };
  return <ViewAsApi call={{ method: "GET", path: addressOf("/v1/deliveries", {}, query) }} />;
}
