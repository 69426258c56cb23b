import { useMemo, useState } from "react";
import { useIntegrations, useOrigins } from "../../api/configuration.ts";
import { useMay, useWorkspace } from "../../api/context.tsx";
import { plainText } from "../../lib/foreign.ts";
import { paths } from "../../lib/paths.ts";
import { useRouter } from "../../lib/router/hooks.ts";
import { countText, percentText } from "../../lib/time.ts";
import { Page } from "../../shell/Page.tsx";
import { Button } from "../../ui/Button.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { Link } from "../../ui/Link.tsx";
import type { MenuAction } from "../../ui/Menu.tsx";
import { Problem } from "../../ui/Problem.tsx";
import { type ColumnOf, Table } from "../../ui/Table.tsx";
import { useLanguage } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import { DeleteOrigin } from "./DeleteOrigin.tsx";
import { NewOrigin } from "./NewOrigin.tsx";
import { type OriginRow, rowsOf } from "./rows.ts";

/** C-11: the origins with what came to them in a day. */
export function Origins() {
  const words = useWords();
  const w = words.home.origins;
  const { id: ws } = useWorkspace();
  const router = useRouter();
  const may = useMay("admin");
  const origins = useOrigins();
  const integrations = useIntegrations();
  const [creating, setCreating] = useState(false);
  const [deleting, setDeleting] = useState<OriginRow | null>(null);
  const rows = useMemo(
    () => rowsOf(origins.data ?? [], integrations.data ?? []),
    [origins.data, integrations.data],
  );
  const denied = may ? undefined : words.common.needs.admin;
  const create = (
    <Button kind="primary" icon="plus" reason={denied} onPress={() => setCreating(true)}>
      {w.new}
    </Button>
  );
  const actionsOf = (row: OriginRow): MenuAction[] => [
    { id: "history", label: w.history, icon: "download", href: paths.history(ws, row.id) },
    { id: "deals", label: w.deals, icon: "list", href: paths.deals(ws, { origin: row.id }) },
    { id: "settings", label: w.settings, icon: "gear", href: paths.originSettings(ws, row.id) },
    {
      id: "delete",
      label: w.delete,
      icon: "trash",
      danger: true,
      apart: true,
      reason: denied,
      onAction: () => setDeleting(row),
    },
  ];
  const columns = useColumns(ws);
  return (
    <Page title={w.title} description={w.description} actions={create}>
      {origins.error && !origins.data ? (
        <Problem error={origins.error} onRetry={() => void origins.refetch()} />
      ) : (
        <Table
          label={w.title}
          items={rows}
          columns={columns}
          idOf={(row) => row.id}
          nameOf={(row) => row.name}
          onOpen={(id) => void router.navigate({ href: paths.history(ws, id) })}
          actionsOf={actionsOf}
          loading={origins.isPending}
          empty={
            <Empty icon="layers" title={w.empty} action={create}>
              {w.emptyHint}
            </Empty>
          }
        />
      )}
      {creating && <NewOrigin onClose={() => setCreating(false)} />}
      {deleting && (
        <DeleteOrigin
          origin={deleting}
          onClose={() => setDeleting(null)}
          onDeleted={() => setDeleting(null)}
        />
      )}
    </Page>
  );
}

function useColumns(ws: string): ColumnOf<OriginRow>[] {
  const w = useWords().home.origins;
  const language = useLanguage();
  return useMemo(
    () => [
      {
        id: "name",
        header: w.name,
        grow: true,
        cell: (row) => (
          <Link href={paths.history(ws, row.id)}>
            <Foreign text={row.name} />
          </Link>
        ),
      },
      {
        id: "stages",
        header: w.stages,
        cell: (row) => (
          <span title={row.stages.map((stage) => plainText(stage.name)).join(", ")}>
            {w.stagesOf(row.stages.length)}
          </span>
        ),
      },
      {
        id: "integrations",
        header: w.integrations,
        cell: (row) => w.active(row.active, row.integrations),
      },
      {
        id: "received",
        header: w.received,
        align: "end",
        cell: (row) => countText(row.received, language),
      },
      {
        id: "errors",
        header: w.errors,
        align: "end",
        cell: (row) => percentText(row.errorPercent, language),
      },
    ],
    [w, ws, language],
  );
}
