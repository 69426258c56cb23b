import { type ReactNode, useState } from "react";
import { type Schemas, useApplications, useOrigins } from "../../api/configuration.ts";
import { useMay, useWorkspace } from "../../api/context.tsx";
import { paths } from "../../lib/paths.ts";
import { useRouter } from "../../lib/router/hooks.ts";
import { AppIcon } from "../../ui/AppIcon.tsx";
import { Link } from "../../ui/Link.tsx";
import type { MenuAction } from "../../ui/Menu.tsx";
import { Mark } from "../../ui/StatusMark.tsx";
import { Switch } from "../../ui/Switch.tsx";
import { Table } from "../../ui/Table.tsx";
import { Time } from "../../ui/Time.tsx";
import { useWords } from "../../words/index.ts";
import { AskDeactivate, AskDelete, OfferProcess } from "./Asks.tsx";
import styles from "./Integrations.module.css";
import { useRowActions } from "./rowActions.ts";

type Integration = Schemas["Integration"];

type Asking = { readonly what: "off" | "delete" | "process"; readonly of: Integration };

export function IntegrationsTable(props: {
  items: readonly Integration[];
  loading: boolean;
  empty: ReactNode;
}) {
  const { common, integrations: words } = useWords();
  const ws = useWorkspace().id;
  const router = useRouter();
  const reason = useMay("admin") ? undefined : common.needs.admin;
  const applications = useApplications().data ?? [];
  const origins = useOrigins().data ?? [];
  const actions = useRowActions();
  const [asking, setAsking] = useState<Asking>();
  const close = () => setAsking(undefined);
  const hrefOf = (integration: Integration) => paths.integration(ws, integration.id);

  function turn(integration: Integration, active: boolean) {
    if (!active) return setAsking({ what: "off", of: integration });
    actions.setActive.mutate(
      { integration, active },
      { onSuccess: () => setAsking({ what: "process", of: integration }) },
    );
  }
  const menuOf = (integration: Integration): MenuAction[] => [
    { id: "edit", label: words.edit, icon: "edit", href: hrefOf(integration) },
    {
      id: "history",
      label: words.histories,
      icon: "list",
      href: paths.history(ws, integration.origin),
    },
    {
      id: "url",
      label: words.copyUrl,
      icon: "copy",
      reason,
      onAction: () => void actions.copyUrl(integration),
    },
    {
      id: "duplicate",
      label: words.duplicate,
      icon: "plus",
      reason,
      onAction: () => actions.duplicate.mutate(integration),
    },
    {
      id: "active",
      label: integration.active ? words.deactivate : words.activate,
      icon: integration.active ? "pause" : "play",
      reason,
      apart: true,
      onAction: () => turn(integration, !integration.active),
    },
    {
      id: "delete",
      label: words.remove,
      icon: "trash",
      danger: true,
      reason,
      onAction: () => setAsking({ what: "delete", of: integration }),
    },
  ];
  const applicationOf = (key: string) => applications.find((one) => one.key === key);
  return (
    <>
      <Table
        label={words.table}
        items={props.items}
        idOf={(one) => one.id}
        nameOf={(one) => one.name}
        onOpen={(id) => void router.navigate({ href: paths.integration(ws, id) })}
        actionsOf={menuOf}
        loading={props.loading}
        empty={props.empty}
        columns={[
          {
            id: "name",
            header: words.name,
            grow: true,
            cell: (one) => (
              <span className={styles.name}>
                <AppIcon path={applicationOf(one.application)?.icon} />
                <span>
                  <Link plain href={hrefOf(one)}>
                    {one.name}
                  </Link>
                  <span className={styles.sub}>
                    {applicationOf(one.application)?.name ?? one.application}
                    {" · "}
                    {words.actions[one.action]}
                  </span>
                </span>
              </span>
            ),
          },
          {
            id: "origin",
            header: words.origin,
            secondary: true,
            cell: (one) =>
              origins.find((origin) => origin.id === one.origin)?.name ?? words.unknownOrigin,
          },
          {
            id: "active",
            header: words.active,
            cell: (one) => (
              <Switch
                label={`${words.active}: ${one.name}`}
                selected={one.active}
                reason={reason}
                onChange={(active) => turn(one, active)}
              />
            ),
          },
          { id: "last", header: words.lastReceived, cell: (one) => <Last integration={one} /> },
          { id: "day", header: words.day, cell: (one) => <Day integration={one} /> },
        ]}
      />
      {asking?.what === "off" && (
        <AskDeactivate
          name={asking.of.name}
          onClose={close}
          onConfirm={() => {
            actions.setActive.mutate({ integration: asking.of, active: false });
            close();
          }}
        />
      )}
      {asking?.what === "delete" && (
        <AskDelete integration={asking.of} remove={actions.remove} onClose={close} />
      )}
      {asking?.what === "process" && <OfferProcess integration={asking.of} onClose={close} />}
    </>
  );
}

export function Last({ integration }: { integration: Integration }) {
  const { integrations: words } = useWords();
  const at = integration.activity.last_received_at;
  return at === null ? <span className={styles.sub}>{words.never}</span> : <Time at={at} />;
}

export function Day({ integration }: { integration: Integration }) {
  const { integrations: words } = useWords();
  const { received, error, error_rate: rate } = integration.activity.last_24h;
  const text = words.dayText(received, rate);
  if (error > 0) {
    return (
      <Mark tone="bad" icon="warning">
        {text}
      </Mark>
    );
  }
  return <span className={received === 0 ? styles.sub : undefined}>{text}</span>;
}
