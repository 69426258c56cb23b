import { useState } from "react";
import { type Schemas, useIntegrations } from "../../api/configuration.ts";
import { useMay } from "../../api/context.tsx";
import { useAddress } from "../../lib/address.ts";
import { Page } from "../../shell/Page.tsx";
import { Button } from "../../ui/Button.tsx";
import { Counter } from "../../ui/Counter.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { Problem } from "../../ui/Problem.tsx";
import { useWords } from "../../words/index.ts";
import { ChooseDirection } from "./ChooseDirection.tsx";
import { Filters } from "./Filters.tsx";
import { IntegrationsTable } from "./IntegrationsTable.tsx";
import { type IntegrationsSearch, integrationsSearch } from "./search.ts";

type Integration = Schemas["Integration"];

/** C-15: the integrations of the workspace, or of one origin. */
export function Integrations() {
  const { common, integrations: words } = useWords();
  const [search, change] = useAddress(integrationsSearch);
  const integrations = useIntegrations();
  const isAdmin = useMay("admin");
  const [choosing, setChoosing] = useState(false);
  const all = integrations.data ?? [];
  const shown = matching(all, search);
  const create = (
    <Button
      kind="primary"
      icon="plus"
      onPress={() => setChoosing(true)}
      reason={isAdmin ? undefined : common.needs.admin}
    >
      {words.create}
    </Button>
  );
  const clear = () =>
    change({ origin: undefined, application: undefined, state: undefined, q: undefined });
  return (
    <Page title={words.title} description={words.about} actions={create}>
      {integrations.error ? (
        <Problem error={integrations.error} onRetry={() => void integrations.refetch()} />
      ) : (
        <>
          {all.length > 0 && (
            <>
              <Filters search={search} change={change} onClear={clear} />
              <Counter>{words.count(shown.length)}</Counter>
            </>
          )}
          <IntegrationsTable
            items={shown}
            loading={integrations.isPending}
            empty={
              all.length === 0 ? (
                <Empty icon="link" title={words.none} action={create}>
                  {words.noneText}
                </Empty>
              ) : (
                <Empty
                  icon="search"
                  title={words.noMatch}
                  action={<Button onPress={clear}>{words.clear}</Button>}
                />
              )
            }
          />
        </>
      )}
      {choosing && <ChooseDirection origin={search.origin} onClose={() => setChoosing(false)} />}
    </Page>
  );
}

function matching(all: readonly Integration[], search: IntegrationsSearch): Integration[] {
  const { q } = search;
  const fold = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
  return all.filter((one) => {
    if (search.origin !== undefined && one.origin !== search.origin) return false;
    if (search.application !== undefined && one.application !== search.application) return false;
    if (search.state === "active" && !one.active) return false;
    if (search.state === "inactive" && one.active) return false;
    if (search.state === "errors" && one.activity.last_24h.error === 0) return false;
    return q === undefined || fold(one.name).includes(fold(q));
  });
}
