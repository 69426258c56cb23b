import { useOrigins } from "../../api/configuration.ts";
import { useWorkspace } from "../../api/context.tsx";
import { isProblem } from "../../api/problem.ts";
import { useAddress } from "../../lib/address.ts";
import { paths } from "../../lib/paths.ts";
import { useParams } from "../../lib/router/hooks.ts";
import { NotFound } from "../../shell/NotFound.tsx";
import { Page } from "../../shell/Page.tsx";
import { Link } from "../../ui/Link.tsx";
import { Problem } from "../../ui/Problem.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import { useWords } from "../../words/index.ts";
import { Day, Last } from "../integrations/IntegrationsTable.tsx";
import { AdditionalTab } from "./AdditionalTab.tsx";
import { ActiveSwitch, Heading } from "./Heading.tsx";
import styles from "./Integration.module.css";
import { MappingTab } from "./MappingTab.tsx";
import { ReceiveTab } from "./ReceiveTab.tsx";
import { RefusedTab } from "./RefusedTab.tsx";
import { type IntegrationSearch, integrationSearch, TABS } from "./search.ts";
import { UrlTab } from "./UrlTab.tsx";
import { useIntegration, type Integration as Value } from "./useChange.ts";
import { VerificationTab } from "./VerificationTab.tsx";
import { VersionsTab } from "./VersionsTab.tsx";

/** C-17: one integration, in tabs. */
export function Integration() {
  const { integration: id } = useParams();
  const { integrations: words } = useWords();
  const ws = useWorkspace().id;
  const integration = useIntegration(id ?? "");
  const list = { label: words.title, href: paths.integrations(ws) };
  if (isProblem(integration.error) && integration.error.status === 404) {
    return <NotFound list={list} />;
  }
  if (integration.error && !integration.data) {
    return (
      <Page title={words.title}>
        <Problem error={integration.error} onRetry={() => void integration.refetch()} />
      </Page>
    );
  }
  if (!integration.data) {
    return (
      <Page title={words.title}>
        <Skeleton lines={10} />
      </Page>
    );
  }
  return <Shown key={integration.data.id} integration={integration.data} />;
}

function Shown({ integration }: { integration: Value }) {
  const { integrations: words } = useWords();
  const ws = useWorkspace().id;
  const [search, change] = useAddress(integrationSearch);
  const origin = useOrigins().data?.find((one) => one.id === integration.origin);
  return (
    <Page
      title={integration.name}
      heading={<Heading integration={integration} />}
      actions={<ActiveSwitch integration={integration} />}
      above={[{ label: words.title, href: paths.integrations(ws) }]}
      description={
        <span className={styles.facts}>
          <span>{words.actions[integration.action]}</span>
          <Link href={paths.history(ws, integration.origin)}>
            {origin?.name ?? words.unknownOrigin}
          </Link>
          <span>
            {words.lastReceived}: <Last integration={integration} />
          </span>
          <span>
            {words.day}: <Day integration={integration} />
          </span>
        </span>
      }
    >
      <Tabs
        label={words.tabs.label}
        items={TABS.map((id) => ({ id, label: words.tabs[id] }))}
        selected={search.tab}
        onSelect={(tab) => change({ tab })}
      >
        <Panel integration={integration} search={search} change={change} />
      </Tabs>
    </Page>
  );
}

function Panel(props: {
  integration: Value;
  search: IntegrationSearch;
  change: (part: Partial<IntegrationSearch>) => void;
}) {
  const { integration, search, change } = props;
  switch (search.tab) {
    case "mapping":
      return <MappingTab integration={integration} search={search} change={change} />;
    case "additional":
      return <AdditionalTab integration={integration} />;
    case "verification":
      return <VerificationTab integration={integration} />;
    case "url":
      return <UrlTab integration={integration} />;
    case "refused":
      return <RefusedTab integration={integration} />;
    case "versions":
      return <VersionsTab integration={integration} search={search} change={change} />;
    case "receive":
      return <ReceiveTab integration={integration} />;
  }
}
