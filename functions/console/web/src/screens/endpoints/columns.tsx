import { useWorkspace } from "../../api/context.tsx";
import { paths } from "../../lib/paths.ts";
import { countText, minuteText, percentText } from "../../lib/time.ts";
import { Button } from "../../ui/Button.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { Link } from "../../ui/Link.tsx";
import { StatusMark } from "../../ui/StatusMark.tsx";
import type { ColumnOf } from "../../ui/Table.tsx";
import { useLanguage, useZones } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Endpoints.module.css";
import { Health } from "./Health.tsx";
import type { Endpoint } from "./useEndpointActions.tsx";

export function useEndpointColumns(
  onEnable: (endpoint: Endpoint) => void,
  reason: string | undefined,
): ColumnOf<Endpoint>[] {
  const texts = useWords().endpoints;
  const { id: ws } = useWorkspace();
  const { shown } = useZones();
  const language = useLanguage();
  return [
    {
      id: "name",
      header: texts.columns.name,
      cell: (row) => (
        <span className={styles.name}>
          <Link href={paths.endpoint(ws, row.id)} plain>
            <Foreign text={row.name} middle={40} />
          </Link>
          <span className={styles.muted}>{texts.presets[row.preset ?? "custom"].name}</span>
        </span>
      ),
    },
    {
      id: "state",
      header: texts.columns.state,
      cell: (row) => (
        <span className={styles.state}>
          <StatusMark of="endpoint" status={row.state}>
            {row.stopped && texts.since(minuteText(row.stopped.since, shown, language))}
          </StatusMark>
          {(row.state === "suspended" || row.state === "disabled") && (
            <Button small reason={reason} onPress={() => onEnable(row)}>
              {texts.enable}
            </Button>
          )}
        </span>
      ),
    },
    {
      id: "health",
      header: texts.columns.health,
      cell: (row) => <Health health={row.health} />,
    },
    {
      id: "held",
      header: texts.columns.held,
      align: "end",
      cell: (row) =>
        row.held === 0 ? (
          "0"
        ) : (
          <Link href={paths.deliveries(ws, { tab: "held", endpoint: row.id })}>
            {row.held >= 1000 ? texts.heldMany : countText(row.held, language)}
          </Link>
        ),
    },
    {
      id: "lately",
      header: texts.columns.lately,
      cell: (row) => {
        const { deliveries, error_rate: rate } = row.activity.last_24h;
        if (deliveries === 0) return <span className={styles.muted}>{texts.latelyNone}</span>;
        return (
          <span className={styles.lately}>
            <span>{texts.lately(deliveries)}</span>
            {rate !== null && (
              <span className={styles.muted}>
                {texts.errors(percentText(rate * 100, language))}
              </span>
            )}
          </span>
        );
      },
    },
    {
      id: "url",
      header: texts.columns.url,
      secondary: true,
      cell: (row) => <Foreign text={row.url} code middle={28} />,
    },
  ];
}
