import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useClient, useWorkspace } from "../../api/context.tsx";
import { deliveriesKey, deliveryQuery } from "../../api/deliveries.ts";
import { queryClient } from "../../api/queries.ts";
import { useAddress } from "../../lib/address.ts";
import { plainText } from "../../lib/foreign.ts";
import { paths } from "../../lib/paths.ts";
import { type Codec, oneOf } from "../../lib/search.ts";
import { Page } from "../../shell/Page.tsx";
import { useWords } from "../../words/index.ts";
import { DeliveryAbout, DeliveryTitle } from "./DeliveryTitle.tsx";
import { DELIVERY_TABS, type DeliveryTab, DeliveryView } from "./DeliveryView.tsx";

const search: Codec<{ tab: DeliveryTab }> = {
  parse: (raw) => ({ tab: oneOf(raw.tab, DELIVERY_TABS) ?? "attempts" }),
  write: ({ tab }) => ({ tab: tab === "attempts" ? undefined : tab }),
};

/** C-21: one delivery on a page of its own. */
export function Delivery() {
  const { delivery: id = "" } = useParams({ strict: false });
  const client = useClient();
  const { id: ws } = useWorkspace();
  const texts = useWords().deliveries;
  const [{ tab }, change] = useAddress(search);
  const { data } = useQuery(deliveryQuery(client, id));
  return (
    <Page
      title={data ? plainText(data.subject, 60) : texts.one}
      heading={data && <DeliveryTitle delivery={data} />}
      description={data && <DeliveryAbout delivery={data} />}
      above={[{ label: texts.title, href: paths.deliveries(ws) }]}
    >
      <DeliveryView
        key={id}
        id={id}
        tab={tab}
        onTab={(next) => change({ tab: next }, "replace")}
        onTouched={() => void queryClient.invalidateQueries({ queryKey: deliveriesKey(client) })}
      />
    </Page>
  );
}
