import { useState } from "react";
import {
  type Schemas,
  useEndpoints,
  useEventTypes,
  useIntegrations,
  useRules,
} from "../../api/configuration.ts";
import { useMay, useWorkspace } from "../../api/context.tsx";
import { useAddress } from "../../lib/address.ts";
import { paths } from "../../lib/paths.ts";
import { useRouter } from "../../lib/router/hooks.ts";
import { Page } from "../../shell/Page.tsx";
import { Button } from "../../ui/Button.tsx";
import { Counter } from "../../ui/Counter.tsx";
import { Confirm } from "../../ui/Dialog.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { ButtonLink } from "../../ui/Link.tsx";
import { Banner, Problem, problemText } from "../../ui/Problem.tsx";
import { Select } from "../../ui/Select.tsx";
import { useWords } from "../../words/index.ts";
import styles from "../integrations/Integrations.module.css";
import { RulesTable } from "./RulesTable.tsx";
import { type RulesSearch, rulesSearch } from "./search.ts";
import { useTypeLabel } from "./typeLabel.ts";
import { useRuleActions } from "./useRuleActions.ts";

type Rule = Schemas["Rule"];

/** C-22: which events go where. */
export function Rules() {
  const words = useWords();
  const { common, rules: w } = words;
  const ws = useWorkspace().id;
  const router = useRouter();
  const [search, change] = useAddress(rulesSearch);
  const rules = useRules();
  const isAdmin = useMay("admin");
  const actions = useRuleActions();
  const [removing, setRemoving] = useState<Rule>();
  const all = rules.data ?? [];
  const shown = all.filter((rule) => matches(rule, search));
  const clear = () => change({ endpoint: undefined, integration: undefined, type: undefined });
  const create = isAdmin ? (
    <ButtonLink primary href={paths.newRule(ws)}>
      {w.create}
    </ButtonLink>
  ) : (
    <Button kind="primary" reason={common.needs.admin}>
      {w.create}
    </Button>
  );
  const close = () => {
    actions.remove.reset();
    setRemoving(undefined);
  };
  if (rules.error) {
    return (
      <Page title={w.title}>
        <Problem error={rules.error} onRetry={() => void rules.refetch()} />
      </Page>
    );
  }
  return (
    <Page title={w.title} description={w.about} actions={create}>
      {all.length > 0 && (
        <RuleFilters search={search} change={change} onClear={clear} count={shown.length} />
      )}
      <RulesTable
        items={shown}
        loading={rules.isPending}
        actions={actions}
        onOpen={(id) => void router.navigate({ href: paths.rule(ws, id) })}
        onRemove={setRemoving}
        empty={
          all.length === 0 ? (
            <Empty icon="send" title={w.none} action={create}>
              {w.noneText}
            </Empty>
          ) : (
            <Empty
              icon="search"
              title={w.noMatch}
              action={<Button onPress={clear}>{w.clear}</Button>}
            />
          )
        }
      />
      {removing && (
        <Confirm
          danger
          title={w.removeTitle(removing.name)}
          action={w.remove}
          busy={actions.remove.isPending}
          onConfirm={() => actions.remove.mutate(removing, { onSuccess: close })}
          onClose={close}
        >
          <p>{w.removeText}</p>
          {actions.remove.error && (
            <Banner tone="bad" alert>
              {problemText(actions.remove.error, words)}
            </Banner>
          )}
        </Confirm>
      )}
    </Page>
  );
}

function matches(rule: Rule, { endpoint, integration, type }: RulesSearch): boolean {
  const { target } = rule;
  if (endpoint !== undefined && !("endpoint" in target && target.endpoint === endpoint))
    return false;
  const isOf = "integration" in target && target.integration.integration === integration;
  if (integration !== undefined && !isOf) return false;
  return type === undefined || rule.filter.types.includes(type);
}

const ALL = "all";

function RuleFilters(props: {
  search: RulesSearch;
  change: (part: Partial<RulesSearch>) => void;
  onClear: () => void;
  count: number;
}) {
  const { rules: w } = useWords();
  const { search, change } = props;
  const labelOf = useTypeLabel();
  const endpoints = useEndpoints().data ?? [];
  const integrations = useIntegrations().data ?? [];
  const types = useEventTypes().data ?? [];
  const chosen = (id: string) => (id === ALL ? undefined : id);
  const isSet = Object.values(search).some((value) => value !== undefined);
  const all = { id: ALL, label: w.all };
  return (
    <div className={styles.filters}>
      <Select
        required
        label={w.event}
        name="type"
        value={search.type ?? ALL}
        options={[
          all,
          ...types.map(({ type }) => ({ id: type, label: labelOf(type), about: type })),
        ]}
        onChange={(id) => change({ type: chosen(id) })}
      />
      <Select
        required
        label={w.endpoint}
        name="endpoint"
        value={search.endpoint ?? ALL}
        options={[all, ...endpoints.map(({ id, name }) => ({ id, label: name }))]}
        onChange={(id) => change({ endpoint: chosen(id) })}
      />
      <Select
        required
        label={w.integration}
        name="integration"
        value={search.integration ?? ALL}
        options={[all, ...integrations.map(({ id, name }) => ({ id, label: name }))]}
        onChange={(id) => change({ integration: chosen(id) })}
      />
      {isSet && (
        <Button kind="quiet" onPress={props.onClear}>
          {w.clear}
        </Button>
      )}
      <div className={styles.counter}>
        <Counter>{w.count(props.count)}</Counter>
      </div>
    </div>
  );
}
