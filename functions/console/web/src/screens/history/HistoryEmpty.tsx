import { useQueries } from "@tanstack/react-query";
import { useIntegrations, useWorkspaceSettings } from "../../api/configuration.ts";
import { useClient, useWorkspace } from "../../api/context.tsx";
import type { WebhookFilter } from "../../api/history.ts";
import { paths } from "../../lib/paths.ts";
import { isBefore, retainedSince, startOfDay } from "../../lib/period.ts";
import { dayText } from "../../lib/time.ts";
import { Button } from "../../ui/Button.tsx";
import { Copy } from "../../ui/Copy.tsx";
import { Empty } from "../../ui/Empty.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { ButtonLink } from "../../ui/Link.tsx";
import { useLanguage } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import { useFilterWords } from "./filterWords.ts";
import styles from "./History.module.css";
import { isFiltered } from "./search.ts";

interface Props {
  origin: string;
  filter: WebhookFilter;
  onClear: () => void;
}

/** The list without rows: nothing ever came, nothing matches, or nothing is kept that long. */
export function HistoryEmpty({ origin, filter, onClear }: Props) {
  if (isFiltered(filter)) return <NoMatch filter={filter} onClear={onClear} />;
  return <NothingYet origin={origin} />;
}

function NoMatch({ filter, onClear }: { filter: WebhookFilter; onClear: () => void }) {
  const words = useWords();
  const w = words.history.empty;
  const { time_zone: zone } = useWorkspace();
  const { data: settings } = useWorkspaceSettings();
  const language = useLanguage();
  const said = useFilterWords()(filter);
  const months = settings?.inbound_months ?? 3;
  const since = retainedSince({ months }, Date.now(), zone);
  const bounds = filter.to === undefined ? {} : { to: filter.to };
  const before = isBefore(bounds, startOfDay(since, zone), Date.now(), zone);
  const day = dayText(`${since.toString()}T12:00:00Z`, "UTC", language);
  return (
    <Empty
      icon="search"
      title={before ? w.beforeRetention(day) : w.noMatch}
      action={<Button onPress={onClear}>{words.parts.filters.clear}</Button>}
    >
      <p className={styles.chips}>
        {said.map((part) => (
          <span key={part}>{part}</span>
        ))}
      </p>
    </Empty>
  );
}

function NothingYet({ origin }: { origin: string }) {
  const w = useWords().history.empty;
  const { id: ws } = useWorkspace();
  const { data } = useIntegrations();
  const own = data?.filter((one) => one.origin === origin) ?? [];
  const create = (
    <ButtonLink href={paths.newIntegration(ws, { origin })} primary={own.length === 0}>
      {w.newIntegration}
    </ButtonLink>
  );
  if (own.length === 0) {
    return (
      <Empty icon="download" title={w.none} action={create}>
        {w.noneHint}
      </Empty>
    );
  }
  return (
    <Empty icon="download" title={w.waiting} action={create}>
      <p>{w.waitingHint}</p>
      <Urls integrations={own.slice(0, 10)} />
    </Empty>
  );
}

function Urls({ integrations }: { integrations: { id: string; name: string }[] }) {
  const client = useClient();
  const urls = useQueries({
    queries: integrations.map((one) => ({
      queryKey: [client.workspace, "integration-url", one.id],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        client.get("/v1/integrations/{integration}/url", {
          path: { integration: one.id },
          signal,
        }),
    })),
  });
  return (
    <ul className={styles.urls}>
      {integrations.map((one, index) => {
        const url = urls[index]?.data?.url;
        return (
          <li key={one.id} className={styles.url}>
            <Foreign text={one.name} />
            {url ? <Foreign text={url} code middle={60} /> : <span />}
            {url && <Copy text={url} />}
          </li>
        );
      })}
    </ul>
  );
}
