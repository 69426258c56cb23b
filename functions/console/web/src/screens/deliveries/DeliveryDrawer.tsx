import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useClient, useWorkspace } from "../../api/context.tsx";
import { type Delivery, deliveryQuery } from "../../api/deliveries.ts";
import { paths } from "../../lib/paths.ts";
import { Drawer } from "../../ui/Drawer.tsx";
import { DeliveryAbout, DeliveryTitle } from "../delivery/DeliveryTitle.tsx";
import { DeliveryView } from "../delivery/DeliveryView.tsx";
import { deliveryPageSearch } from "../delivery/search.ts";
import type { DeliveryTab } from "../delivery/tabs.ts";

/** The details of a row beside or above the list. */
export function DeliveryDrawer(props: {
  id: string;
  attempt: number | undefined;
  rows: readonly Delivery[];
  onShow: (id: string) => void;
  onClose: () => void;
  onTouched: () => void;
}) {
  const client = useClient();
  const { id: ws } = useWorkspace();
  const { data } = useQuery(deliveryQuery(client, props.id));
  const [tab, setTab] = useState<DeliveryTab>("attempts");
  const { attempt } = props;
  const at = props.rows.findIndex((row) => row.id === props.id);
  const shown = data ?? props.rows[at];
  const step = (by: number) => {
    const next = at < 0 ? undefined : props.rows[at + by];
    return next ? () => props.onShow(next.id) : undefined;
  };
  return (
    <Drawer
      title={shown ? <DeliveryTitle delivery={shown} /> : ""}
      about={shown && <DeliveryAbout delivery={shown} />}
      href={paths.delivery(ws, props.id, deliveryPageSearch.write({ tab, attempt }))}
      onClose={props.onClose}
      onPrevious={step(-1)}
      onNext={step(1)}
    >
      <DeliveryView
        key={props.id}
        id={props.id}
        tab={tab}
        attempt={attempt}
        onTab={setTab}
        onTouched={props.onTouched}
      />
    </Drawer>
  );
}
