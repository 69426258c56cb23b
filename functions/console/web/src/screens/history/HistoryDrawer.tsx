import { useQuery } from "@tanstack/react-query";
import { useClient, useWorkspace } from "../../api/context.tsx";
import { type Webhook, webhookQuery } from "../../api/history.ts";
import type { Step } from "../../lib/address.ts";
import { paths } from "../../lib/paths.ts";
import { Drawer } from "../../ui/Drawer.tsx";
import { WebhookAbout, WebhookTitle } from "../webhook/WebhookTitle.tsx";
import { WebhookView } from "../webhook/WebhookView.tsx";
import type { HistorySearch } from "./search.ts";

interface Props {
  origin: string;
  search: HistorySearch & { w: string };
  change: (part: Partial<HistorySearch>, step?: Step) => void;
  rows: readonly Webhook[];
  onShow: (id: string) => void;
  onClose: () => void;
  onTouched: () => void;
}

/** The details of a row beside or above the list. */
export function HistoryDrawer(props: Props) {
  const { origin, search, change, rows, onShow } = props;
  const client = useClient();
  const { id: ws } = useWorkspace();
  const { data } = useQuery(webhookQuery(client, origin, search.w));
  const at = rows.findIndex((row) => row.id === search.w);
  const shown = data ?? rows[at];
  const step = (by: number) => {
    const next = at < 0 ? undefined : rows[at + by];
    return next ? () => onShow(next.id) : undefined;
  };
  const tab = search.tab === "summary" ? undefined : search.tab;
  return (
    <Drawer
      title={shown ? <WebhookTitle webhook={shown} /> : ""}
      about={shown && <WebhookAbout webhook={shown} />}
      href={paths.webhook(ws, origin, search.w, { tab, node: search.node })}
      onClose={props.onClose}
      onPrevious={step(-1)}
      onNext={step(1)}
    >
      <WebhookView
        key={search.w}
        origin={origin}
        id={search.w}
        tab={search.tab}
        node={search.node}
        onTab={(next) => change({ tab: next, node: undefined }, "replace")}
        onTouched={props.onTouched}
      />
    </Drawer>
  );
}
