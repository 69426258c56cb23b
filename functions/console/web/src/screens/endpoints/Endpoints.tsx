import { useEndpoints } from "../../api/configuration.ts";
import { useMay, useWorkspace } from "../../api/context.tsx";
import { plainText } from "../../lib/foreign.ts";
import { paths } from "../../lib/paths.ts";
import { useRouter } from "../../lib/router/hooks.ts";
import { durationText } from "../../lib/time.ts";
import { Page } from "../../shell/Page.tsx";
import { Button } from "../../ui/Button.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { ButtonLink } from "../../ui/Link.tsx";
import type { MenuAction } from "../../ui/Menu.tsx";
import { Banner, Problem } from "../../ui/Problem.tsx";
import { Table } from "../../ui/Table.tsx";
import { useLanguage } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import { useEndpointColumns } from "./columns.tsx";
import { allowedOf } from "./Health.tsx";
import { type Endpoint, useEndpointActions } from "./useEndpointActions.tsx";

const ORDER = ["suspended", "disabled", "probing", "active"] as const;

/** Endpoints that need somebody come first; the others by name. */
export function sorted(endpoints: readonly Endpoint[], locale: string): Endpoint[] {
  const names = new Intl.Collator(locale, { sensitivity: "base", numeric: true });
  return [...endpoints].sort(
    (a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || names.compare(a.name, b.name),
  );
}

/** C-24: the endpoints with their state and health. */
export function Endpoints() {
  const words = useWords();
  const texts = words.endpoints;
  const { id: ws } = useWorkspace();
  const router = useRouter();
  const language = useLanguage();
  const may = useMay("admin");
  const query = useEndpoints();
  const actions = useEndpointActions();
  const columns = useEndpointColumns((endpoint) => actions.ask("enable", endpoint), actions.reason);

  function rowActions(row: Endpoint): MenuAction[] {
    const stopped = row.state === "suspended" || row.state === "disabled";
    return [
      { id: "open", icon: "open", label: texts.menu.open, href: paths.endpoint(ws, row.id) },
      {
        id: "test",
        icon: "play",
        label: texts.menu.test,
        href: paths.endpoint(ws, row.id, { tab: "test" }),
      },
      {
        id: "deliveries",
        icon: "send",
        label: texts.menu.deliveries,
        href: paths.deliveries(ws, { endpoint: row.id }),
      },
      {
        id: "state",
        icon: stopped ? "play" : "pause",
        label: stopped ? texts.enable : texts.disable,
        apart: true,
        reason: actions.reason,
        onAction: () => actions.ask(stopped ? "enable" : "disable", row),
      },
      {
        id: "duplicate",
        icon: "copy",
        label: texts.menu.duplicate,
        reason: actions.reason,
        onAction: () => actions.duplicate(row.id),
      },
      {
        id: "delete",
        icon: "trash",
        label: texts.menu.delete,
        danger: true,
        reason: actions.reason,
        onAction: () => actions.ask("delete", row),
      },
    ];
  }

  const create = may ? (
    <ButtonLink href={paths.newEndpoint(ws)} primary>
      {texts.new}
    </ButtonLink>
  ) : (
    <Button reason={words.common.needs.admin}>{texts.new}</Button>
  );
  return (
    <Page title={texts.title} description={texts.description} actions={create}>
      <SharedQuota endpoints={query.data ?? []} />
      {query.isError && !query.data ? (
        <Problem error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Table
          label={texts.title}
          items={sorted(query.data ?? [], language)}
          columns={columns}
          idOf={(row) => row.id}
          nameOf={(row) => plainText(row.name, 80)}
          onOpen={(id) => void router.navigate({ href: paths.endpoint(ws, id) })}
          actionsOf={rowActions}
          loading={query.isPending}
          empty={
            <Empty icon="globe" title={texts.empty.none} action={create}>
              {texts.empty.hint}
            </Empty>
          }
        />
      )}
      {actions.dialog}
    </Page>
  );
}

/** The shared quota of a workspace, with which its endpoints stand and fall together (S5.2). */
function SharedQuota({ endpoints }: { endpoints: readonly Endpoint[] }) {
  const texts = useWords().endpoints;
  const language = useLanguage();
  const sharing = endpoints.filter(({ policy }) => policy.suspension?.scope === "workspace");
  const health = sharing.find(({ health: one }) => one !== null)?.health;
  if (!health || sharing.length < 2 || health.seconds === null) return null;
  const time = durationText(health.seconds * 1000, language);
  return (
    <Banner tone={health.failures * 2 >= health.limit ? "wait" : "plain"}>
      {texts.shared(health.failures, allowedOf(health), time, sharing.length)}
    </Banner>
  );
}
