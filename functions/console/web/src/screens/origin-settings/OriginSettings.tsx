import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useIntegrations } from "../../api/configuration.ts";
import { useClient, useMay, useWorkspace } from "../../api/context.tsx";
import { isProblem } from "../../api/problem.ts";
import { useAddress } from "../../lib/address.ts";
import { paths } from "../../lib/paths.ts";
import { useParams, useRouter } from "../../lib/router/hooks.ts";
import { NotFound } from "../../shell/NotFound.tsx";
import { Page } from "../../shell/Page.tsx";
import { Button } from "../../ui/Button.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { ButtonLink } from "../../ui/Link.tsx";
import { Problem } from "../../ui/Problem.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import { useWords } from "../../words/index.ts";
import { IntegrationsTable } from "../integrations/IntegrationsTable.tsx";
import { DeleteOrigin } from "../origins/DeleteOrigin.tsx";
import styles from "../origins/Origins.module.css";
import { Advanced } from "./Advanced.tsx";
import { General } from "./General.tsx";
import { originSearch, TABS } from "./search.ts";
import { originQuery } from "./useChangeOrigin.tsx";

/** C-14: the settings of an origin, and the first way to its history (S1.3). */
export function OriginSettings() {
  const { origin: id = "" } = useParams();
  const words = useWords();
  const w = words.home.origins;
  const client = useClient();
  const { id: ws } = useWorkspace();
  const router = useRouter();
  const may = useMay("admin");
  const [{ tab }, change] = useAddress(originSearch);
  const [deleting, setDeleting] = useState(false);
  const { data: origin, error, refetch } = useQuery(originQuery(client, id));
  const list = { label: w.title, href: paths.origins(ws) };
  if (isProblem(error) && error.status === 404) return <NotFound list={list} />;
  const above = [list];
  if (!origin) {
    return (
      <Page title={w.settings} above={above}>
        {error ? <Problem error={error} onRetry={() => void refetch()} /> : <Skeleton lines={6} />}
      </Page>
    );
  }
  const labels = {
    general: w.general,
    integrations: w.integrations,
    history: w.history,
    advanced: w.advanced,
  };
  const remove = (
    <Button
      icon="trash"
      reason={may ? undefined : words.common.needs.admin}
      onPress={() => setDeleting(true)}
    >
      {w.deleteAction}
    </Button>
  );
  return (
    <Page
      title={origin.name}
      heading={<Foreign text={origin.name} />}
      above={above}
      actions={remove}
    >
      <Tabs
        label={w.settings}
        items={TABS.map((one) => ({ id: one, label: labels[one] }))}
        selected={tab}
        onSelect={(next) => change({ tab: next }, "replace")}
      >
        {tab === "general" && <General origin={origin} />}
        {tab === "integrations" && <Integrations origin={origin.id} />}
        {tab === "history" && (
          <ButtonLink href={paths.history(ws, origin.id)} primary>
            {w.openHistory}
          </ButtonLink>
        )}
        {tab === "advanced" && <Advanced origin={origin} />}
      </Tabs>
      {deleting && (
        <DeleteOrigin
          origin={origin}
          onClose={() => setDeleting(false)}
          onDeleted={() => void router.navigate({ href: paths.origins(ws) })}
        />
      )}
    </Page>
  );
}

function Integrations({ origin }: { origin: string }) {
  const { home, integrations: w } = useWords();
  const { id: ws } = useWorkspace();
  const { data, error, isPending, refetch } = useIntegrations();
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  return (
    <div className={styles.stages}>
      <IntegrationsTable
        items={data?.filter((one) => one.origin === origin) ?? []}
        loading={isPending}
        empty={<Empty icon="link" title={w.none} />}
      />
      <div>
        <ButtonLink href={paths.integrations(ws, { origin })}>
          {home.origins.openIntegrations}
        </ButtonLink>
      </div>
    </div>
  );
}
