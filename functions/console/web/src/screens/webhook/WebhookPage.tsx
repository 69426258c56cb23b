import { useQuery } from "@tanstack/react-query";
import { useOrigins } from "../../api/configuration.ts";
import { useClient, useWorkspace } from "../../api/context.tsx";
import { webhookQuery } from "../../api/history.ts";
import { isProblem } from "../../api/problem.ts";
import { useAddress } from "../../lib/address.ts";
import { paths } from "../../lib/paths.ts";
import { useParams } from "../../lib/router/hooks.ts";
import { momentText } from "../../lib/time.ts";
import { NotFound } from "../../shell/NotFound.tsx";
import { Page } from "../../shell/Page.tsx";
import { useCopyLink } from "../../ui/useCopyLink.ts";
import { useLanguage, useZones } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import { webhookSearch } from "./search.ts";
import { WebhookAbout, WebhookTitle } from "./WebhookTitle.tsx";
import { WebhookView } from "./WebhookView.tsx";

const nothing = () => {};

/** C-13 as a whole page. */
export function WebhookPage() {
  const { origin = "", webhook: id = "" } = useParams();
  const w = useWords().history;
  const client = useClient();
  const { id: ws } = useWorkspace();
  const { shown } = useZones();
  const language = useLanguage();
  const [{ tab, node }, change] = useAddress(webhookSearch);
  useCopyLink(paths.webhook(ws, origin, id, { tab: tab === "summary" ? undefined : tab, node }));
  const name = useOrigins().data?.find((one) => one.id === origin)?.name;
  const { data, error } = useQuery(webhookQuery(client, origin, id));
  const title = data
    ? w.webhook.at(data.integration.name, momentText(data.received_at, shown, language))
    : w.webhook.title;
  const label = name === undefined ? w.title : `${w.title} · ${name}`;
  const above = { label, href: paths.history(ws, origin) };
  if (isProblem(error) && error.status === 404) return <NotFound list={above} />;
  return (
    <Page
      title={title}
      heading={data && <WebhookTitle webhook={data} />}
      description={data && <WebhookAbout webhook={data} />}
      above={[above]}
    >
      <WebhookView
        key={id}
        origin={origin}
        id={id}
        tab={tab}
        node={node}
        onTab={(next) => change({ tab: next, node: undefined }, "replace")}
        onTouched={nothing}
      />
    </Page>
  );
}
