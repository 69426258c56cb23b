import { useQuery } from "@tanstack/react-query";
import { useClient, useWorkspace } from "../../api/context.tsx";
import { isProblem } from "../../api/problem.ts";
import { useAddress } from "../../lib/address.ts";
import { plainText } from "../../lib/foreign.ts";
import { paths } from "../../lib/paths.ts";
import { useParams, useRouter } from "../../lib/router/hooks.ts";
import { type Codec, oneOf } from "../../lib/search.ts";
import { NotFound } from "../../shell/NotFound.tsx";
import { Page } from "../../shell/Page.tsx";
import { Button } from "../../ui/Button.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { Problem } from "../../ui/Problem.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { StatusMark } from "../../ui/StatusMark.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import { ViewAsApi } from "../../ui/ViewAsApi.tsx";
import { useWords } from "../../words/index.ts";
import {
  endpointKey,
  type Endpoint as Shown,
  useEndpointActions,
} from "../endpoints/useEndpointActions.tsx";
import styles from "./Endpoint.module.css";
import { EndpointDeliveries } from "./EndpointDeliveries.tsx";
import { EndpointRules } from "./EndpointRules.tsx";
import { EndpointSettings } from "./EndpointSettings.tsx";
import { SecretTab } from "./SecretTab.tsx";
import { StateTab } from "./StateTab.tsx";
import { TestTab } from "./TestTab.tsx";

const TABS = ["state", "deliveries", "settings", "secret", "test", "rules"] as const;
type Tab = (typeof TABS)[number];

const search: Codec<{ tab: Tab }> = {
  parse: (raw) => ({ tab: oneOf(raw.tab, TABS) ?? "state" }),
  write: ({ tab }) => ({ tab: tab === "state" ? undefined : tab }),
};

/** An endpoint that is being resumed is asked for every 3 s. */
const FOLLOWED = 3_000;
const KEPT = 30_000;

/** C-25: one endpoint. */
export function Endpoint() {
  const { endpoint: id = "" } = useParams();
  const client = useClient();
  const query = useQuery({
    queryKey: endpointKey(client.workspace, id),
    queryFn: ({ signal }) =>
      client.get("/v1/endpoints/{endpoint}", { path: { endpoint: id }, signal }),
    refetchInterval: ({ state }) => {
      const { data } = state;
      const moves = data?.state === "probing" || (data?.state === "active" && data.held > 0);
      return moves ? FOLLOWED : KEPT;
    },
  });
  const { title } = useWords().endpoints;
  const { id: ws } = useWorkspace();
  const list = { label: title, href: paths.endpoints(ws) };
  if (isProblem(query.error) && query.error.status === 404) return <NotFound list={list} />;
  if (query.data) return <Loaded endpoint={query.data} />;
  return (
    <Page title={title}>
      {query.isError ? (
        <Problem error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Skeleton lines={8} />
      )}
    </Page>
  );
}

function Loaded({ endpoint }: { endpoint: Shown }) {
  const texts = useWords().endpoints;
  const { id: ws } = useWorkspace();
  const router = useRouter();
  const [{ tab }, change] = useAddress(search);
  const actions = useEndpointActions(() => void router.navigate({ href: paths.endpoints(ws) }));
  const stopped = endpoint.state === "suspended" || endpoint.state === "disabled";
  const tools = (
    <>
      <ViewAsApi call={{ method: "GET", path: `/v1/endpoints/${endpoint.id}` }} />
      <Button icon="trash" reason={actions.reason} onPress={() => actions.ask("delete", endpoint)}>
        {texts.menu.delete}
      </Button>
      {stopped ? (
        <Button
          kind="primary"
          icon="play"
          reason={actions.reason}
          onPress={() => actions.ask("enable", endpoint)}
        >
          {texts.enable}
        </Button>
      ) : (
        <Button
          icon="pause"
          reason={actions.reason}
          onPress={() => actions.ask("disable", endpoint)}
        >
          {texts.disable}
        </Button>
      )}
    </>
  );
  return (
    <Page
      title={plainText(endpoint.name, 60)}
      description={
        <span className={styles.about}>
          <StatusMark of="endpoint" status={endpoint.state} />
          <Foreign text={endpoint.url} code />
        </span>
      }
      above={[{ label: texts.title, href: paths.endpoints(ws) }]}
      actions={tools}
    >
      <Tabs
        label={texts.title}
        items={TABS.map((id) => ({ id, label: texts.one.tabs[id] }))}
        selected={tab}
        onSelect={(next) => change({ tab: next }, "replace")}
      >
        {tab === "state" && <StateTab endpoint={endpoint} />}
        {tab === "deliveries" && <EndpointDeliveries endpoint={endpoint} />}
        {tab === "settings" && (
          <EndpointSettings
            endpoint={endpoint}
            onDisable={() => actions.ask("disable", endpoint)}
          />
        )}
        {tab === "secret" && <SecretTab endpoint={endpoint} />}
        {tab === "test" && <TestTab endpoint={endpoint} />}
        {tab === "rules" && <EndpointRules endpoint={endpoint} />}
      </Tabs>
      {actions.dialog}
    </Page>
  );
}
