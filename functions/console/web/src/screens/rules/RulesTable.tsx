import type { ReactNode } from "react";
import { type Schemas, useEndpoints, useIntegrations } from "../../api/configuration.ts";
import { useMay, useWorkspace } from "../../api/context.tsx";
import { paths } from "../../lib/paths.ts";
import { Link } from "../../ui/Link.tsx";
import type { MenuAction } from "../../ui/Menu.tsx";
import { Mark, StatusMark } from "../../ui/StatusMark.tsx";
import { Switch } from "../../ui/Switch.tsx";
import { Table } from "../../ui/Table.tsx";
import { useWords } from "../../words/index.ts";
import styles from "../integrations/Integrations.module.css";
import { useTypeLabel } from "./typeLabel.ts";
import type { useRuleActions } from "./useRuleActions.ts";

type Rule = Schemas["Rule"];

export function RulesTable(props: {
  items: readonly Rule[];
  loading: boolean;
  empty: ReactNode;
  actions: ReturnType<typeof useRuleActions>;
  onOpen: (id: string) => void;
  onRemove: (rule: Rule) => void;
}) {
  const { common, rules: w } = useWords();
  const ws = useWorkspace().id;
  const labelOf = useTypeLabel();
  const reason = useMay("admin") ? undefined : common.needs.admin;
  const { actions } = props;
  const menuOf = (rule: Rule): MenuAction[] => [
    { id: "edit", label: w.edit, icon: "edit", href: paths.rule(ws, rule.id) },
    {
      id: "deliveries",
      label: w.deliveries,
      icon: "send",
      href: paths.deliveries(ws, { rule: rule.id }),
    },
    {
      id: "duplicate",
      label: w.duplicate,
      icon: "plus",
      reason,
      onAction: () => actions.duplicate.mutate(rule),
    },
    {
      id: "active",
      label: rule.active ? w.deactivate : w.activate,
      icon: rule.active ? "pause" : "play",
      reason,
      apart: true,
      onAction: () => actions.setActive.mutate({ rule, active: !rule.active }),
    },
    {
      id: "remove",
      label: w.remove,
      icon: "trash",
      danger: true,
      reason,
      onAction: () => props.onRemove(rule),
    },
  ];
  return (
    <Table
      label={w.table}
      items={props.items}
      loading={props.loading}
      empty={props.empty}
      idOf={(rule) => rule.id}
      nameOf={(rule) => rule.name}
      onOpen={props.onOpen}
      actionsOf={menuOf}
      columns={[
        {
          id: "name",
          header: w.name,
          cell: (rule) => (
            <Link plain href={paths.rule(ws, rule.id)}>
              {rule.name}
            </Link>
          ),
        },
        {
          id: "triggers",
          header: w.triggers,
          cell: (rule) => {
            const [first = "", ...others] = rule.filter.types;
            const text = labelOf(first);
            return (
              <span title={rule.filter.types.map(labelOf).join("\n")}>
                {others.length === 0 ? text : w.more(text, others.length)}
              </span>
            );
          },
        },
        { id: "target", header: w.target, cell: (rule) => <Target rule={rule} /> },
        { id: "method", header: w.method, cell: (rule) => <Method rule={rule} /> },
        {
          id: "body",
          header: w.body,
          secondary: true,
          cell: (rule) => (
            <span>
              {rule.body === "standard" ? w.bodies.standard : w.bodies.mapped}
              {rule.body !== "standard" && (
                <span className={styles.sub}>{w.fields(rule.body.mapped.length)}</span>
              )}
            </span>
          ),
        },
        {
          id: "active",
          header: w.active,
          cell: (rule) => (
            <Switch
              label={`${w.active}: ${rule.name}`}
              selected={rule.active}
              reason={reason}
              onChange={(active) => actions.setActive.mutate({ rule, active })}
            />
          ),
        },
        { id: "day", header: w.day, cell: (rule) => <Day rule={rule} /> },
      ]}
    />
  );
}

function Target({ rule }: { rule: Rule }) {
  const { rules: w } = useWords();
  const ws = useWorkspace().id;
  const endpoints = useEndpoints().data;
  const integrations = useIntegrations().data;
  const { target } = rule;
  if ("endpoint" in target) {
    const endpoint = endpoints?.find((one) => one.id === target.endpoint);
    return (
      <span className={styles.name}>
        <Link href={paths.endpoint(ws, target.endpoint)}>{endpoint?.name ?? w.gone}</Link>
        {endpoint && endpoint.state !== "active" && (
          <StatusMark of="endpoint" status={endpoint.state} />
        )}
      </span>
    );
  }
  const id = target.integration.integration;
  const integration = integrations?.find((one) => one.id === id);
  return (
    <span>
      <Link href={paths.integration(ws, id)}>{integration?.name ?? w.gone}</Link>
      <span className={styles.sub}>{w.integration}</span>
    </span>
  );
}

function Method({ rule }: { rule: Rule }) {
  const { rules: w } = useWords();
  if (!rule.warnings.includes("get_exposes_data")) return <code>{rule.method}</code>;
  return (
    <span title={w.exposes}>
      <Mark tone="wait" icon="warning">
        {rule.method}
        <span className="visually-hidden">. {w.exposes}</span>
      </Mark>
    </span>
  );
}

function Day({ rule }: { rule: Rule }) {
  const { rules: w } = useWords();
  const { deliveries, error, error_rate: rate } = rule.activity.last_24h;
  const text = w.dayText(deliveries, rate);
  if (error > 0) {
    return (
      <Mark tone="bad" icon="warning">
        {text}
      </Mark>
    );
  }
  return <span className={deliveries === 0 ? styles.sub : undefined}>{text}</span>;
}
