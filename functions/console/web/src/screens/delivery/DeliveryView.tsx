import { useQuery } from "@tanstack/react-query";
import { useClient } from "../../api/context.tsx";
import { type DeliveryDetail, deliveryQuery } from "../../api/deliveries.ts";
import { useOrder } from "../../api/lanes.ts";
import { blocksLane } from "../../lib/lane.ts";
import { useKey } from "../../lib/useKey.ts";
import { Button } from "../../ui/Button.tsx";
import { copyText } from "../../ui/clipboard.ts";
import { Problem } from "../../ui/Problem.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import { say } from "../../ui/toasts.ts";
import { ViewAsApi } from "../../ui/ViewAsApi.tsx";
import { useWords } from "../../words/index.ts";
import { useActionReasons, useDeliveryActions } from "../deliveries/useDeliveryActions.tsx";
import { Attempts } from "./Attempts.tsx";
import styles from "./Delivery.module.css";
import { EventPanel } from "./EventPanel.tsx";
import { Facts } from "./Facts.tsx";
import { RequestView } from "./RequestView.tsx";
import { DELIVERY_TABS, type DeliveryTab } from "./tabs.ts";
import { VerifySnippets } from "./VerifySnippets.tsx";

/** Everything about one delivery (C-21), in the drawer and on its page. */
export function DeliveryView(props: {
  id: string;
  tab: DeliveryTab;
  /** The attempt that is marked and brought into sight. */
  attempt: number | undefined;
  onTab: (tab: DeliveryTab) => void;
  onTouched: () => void;
}) {
  const client = useClient();
  const query = useQuery(deliveryQuery(client, props.id));
  const { data } = query;
  if (query.isError && !data) {
    return <Problem error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (!data) return <Skeleton lines={8} />;
  return (
    <div className={styles.stack}>
      <Actions
        delivery={data}
        onTouched={() => {
          void query.refetch();
          props.onTouched();
        }}
      />
      <Panels {...props} delivery={data} />
    </div>
  );
}

function Actions({ delivery, onTouched }: { delivery: DeliveryDetail; onTouched: () => void }) {
  const { menu } = useWords().deliveries;
  const blocks = blocksLane(delivery, useOrder(delivery.endpoint?.id));
  const reasons = useActionReasons()(delivery.state, blocks);
  const { dialog, ask, retryNow } = useDeliveryActions(onTouched);
  const { state } = delivery;
  const waits = blocks || state === "retrying" || state === "queued";
  useKey("again", () => {
    if (reasons.resend) say({ text: reasons.resend });
    else ask("resend", delivery);
  });
  useCopyBody(delivery);
  const underWay = delivery.attempt_under_way ? menu.underWay : undefined;
  return (
    <div className={styles.tools}>
      {waits && (
        <Button
          // One that is queued goes by itself.
          kind={state === "queued" ? "plain" : "primary"}
          icon="retry"
          reason={reasons.retry ?? underWay}
          onPress={() => retryNow(delivery.id)}
        >
          {menu.retry}
        </Button>
      )}
      {(waits || state === "held") && (
        <Button icon="ban" reason={reasons.discard} onPress={() => ask("discard", delivery)}>
          {menu.discard}
        </Button>
      )}
      {(blocks || (!waits && state !== "held")) && (
        <Button icon="send" reason={reasons.resend} onPress={() => ask("resend", delivery)}>
          {menu.resend}
        </Button>
      )}
      <ViewAsApi call={{ method: "GET", path: `/v1/deliveries/${delivery.id}` }} />
      {dialog}
    </div>
  );
}

/** The key that copies what is sent. */
function useCopyBody({ request }: DeliveryDetail): void {
  const { actions } = useWords().history;
  const body = request?.body;
  async function copy(text: string): Promise<void> {
    const copied = await copyText(text);
    say({
      text: copied ? actions.payloadCopied : actions.copyFailed,
      tone: copied ? "ok" : "bad",
    });
  }
  useKey("copy", body ? () => void copy(body) : undefined);
}

function Panels(props: {
  delivery: DeliveryDetail;
  tab: DeliveryTab;
  attempt: number | undefined;
  onTab: (tab: DeliveryTab) => void;
}) {
  const { delivery, tab } = props;
  const texts = useWords().deliveries.detail;
  const http = delivery.integration === null;
  const shown = DELIVERY_TABS.filter((one) => http || one !== "verify");
  return (
    <Tabs
      label={useWords().deliveries.one}
      items={shown.map((id) => ({
        id,
        label: texts.tabs[id],
        count: id === "attempts" ? String(delivery.attempts.length) : undefined,
      }))}
      selected={tab}
      onSelect={props.onTab}
    >
      <h2 className="visually-hidden">{texts.tabs[tab]}</h2>
      {tab === "attempts" && (
        <div className={styles.stack}>
          <Attempts delivery={delivery} marked={props.attempt} />
          <Facts delivery={delivery} />
        </div>
      )}
      {tab === "request" &&
        (delivery.request ? (
          <div className={styles.stack}>
            <p className={styles.muted}>{texts.request.hint}</p>
            <RequestView request={delivery.request} />
          </div>
        ) : (
          <p className={styles.muted}>{http ? texts.request.none : texts.request.integration}</p>
        ))}
      {tab === "event" && <EventPanel delivery={delivery} />}
      {tab === "verify" && <VerifySnippets get={delivery.request?.method === "GET"} />}
    </Tabs>
  );
}
