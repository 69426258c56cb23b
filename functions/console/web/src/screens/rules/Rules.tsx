import { useState } from "react";
import {
  type Schemas,
  useEndpoints,
  useEventTypes,
  useIntegrations,
  useRules,
} from "../../api/configuration.ts";
import { useMay, useWorkspace } from "../../api/context.tsx";
import { type Step, useAddress } from "../../lib/address.ts";
import { paths } from "../../lib/paths.ts";
import { problemText } from "../../lib/problemText.ts";
import { useRouter } from "../../lib/router/hooks.ts";
import { Page } from "../../shell/Page.tsx";
import { Button } from "../../ui/Button.tsx";
import { Counter } from "../../ui/Counter.tsx";
import { Confirm } from "../../ui/Dialog.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { FilterBar, SingleFilter } from "../../ui/Filters.tsx";
import { ButtonLink } from "../../ui/Link.tsx";
import { Banner, Problem } from "../../ui/Problem.tsx";
import { useWords } from "../../words/index.ts";
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
        <>
          <RuleFilters search={search} change={change} onClear={clear} />
          <Counter>{w.count(shown.length)}</Counter>
        </>
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

function RuleFilters(props: {
  search: RulesSearch;
  change: (part: Partial<RulesSearch>, step?: Step) => void;
  onClear: () => void;
}) {
  const { rules: w } = useWords();
  const { search, change } = props;
  const labelOf = useTypeLabel();
  const endpoints = useEndpoints().data ?? [];
  const integrations = useIntegrations().data ?? [];
  const types = useEventTypes().data ?? [];
  const isSet = Object.values(search).some((value) => value !== undefined);
  return (
    <FilterBar onClear={isSet ? props.onClear : undefined}>
      <SingleFilter
        label={w.event}
        choices={types.map(({ type }) => ({ id: type, label: labelOf(type), about: type }))}
        value={search.type}
        onChange={(type, step) => change({ type }, step)}
      />
      <SingleFilter
        label={w.endpoint}
        choices={endpoints.map(({ id, name }) => ({ id, label: name }))}
        value={search.endpoint}
        onChange={(endpoint, step) => change({ endpoint }, step)}
      />
      <SingleFilter
        label={w.integration}
        choices={integrations.map(({ id, name }) => ({ id, label: name }))}
        value={search.integration}
        onChange={(integration, step) => change({ integration }, step)}
      />
    </FilterBar>
  );
}
