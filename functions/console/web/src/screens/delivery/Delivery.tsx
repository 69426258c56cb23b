import { useQuery } from "@tanstack/react-query";
import { useClient, useWorkspace } from "../../api/context.tsx";
import { deliveriesKey, deliveryQuery } from "../../api/deliveries.ts";
import { isProblem } from "../../api/problem.ts";
import { queryClient } from "../../api/queries.ts";
import { useAddress } from "../../lib/address.ts";
import { plainText } from "../../lib/foreign.ts";
import { paths } from "../../lib/paths.ts";
import { useParams } from "../../lib/router/hooks.ts";
import { NotFound } from "../../shell/NotFound.tsx";
import { Page } from "../../shell/Page.tsx";
import { CopyLink } from "../../ui/Copy.tsx";
import { useCopyLink } from "../../ui/useCopyLink.ts";
import { useWords } from "../../words/index.ts";
import { DeliveryAbout, DeliveryTitle } from "./DeliveryTitle.tsx";
import { DeliveryView } from "./DeliveryView.tsx";
import { deliveryPageSearch } from "./search.ts";

/** C-21: one delivery on a page of its own. */
export function Delivery() {
  const { delivery: id = "" } = useParams();
  const client = useClient();
  const { id: ws } = useWorkspace();
  const { deliveries: texts, parts } = useWords();
  const [{ tab, attempt }, change] = useAddress(deliveryPageSearch);
  const link = paths.delivery(ws, id, deliveryPageSearch.write({ tab, attempt }));
  useCopyLink(link);
  const { data, error } = useQuery(deliveryQuery(client, id));
  const above = { label: texts.title, href: paths.deliveries(ws) };
  if (isProblem(error) && error.status === 404) return <NotFound list={above} />;
  return (
    <Page
      title={data ? plainText(data.subject, 60) : texts.one}
      heading={data && <DeliveryTitle delivery={data} />}
      description={data && <DeliveryAbout delivery={data} />}
      above={[above]}
      actions={<CopyLink href={link}>{parts.drawer.copyLink}</CopyLink>}
    >
      <DeliveryView
        key={id}
        id={id}
        tab={tab}
        attempt={attempt}
        onTab={(next) => change({ tab: next, attempt: undefined }, "replace")}
        onTouched={() => void queryClient.invalidateQueries({ queryKey: deliveriesKey(client) })}
      />
    </Page>
  );
}
