import { useWorkspace } from "../../api/context.tsx";
import { plainText } from "../../lib/foreign.ts";
import { paths } from "../../lib/paths.ts";
import { percentText, relativeText } from "../../lib/time.ts";
import { Icon, type IconName } from "../../ui/Icon.tsx";
import { Link } from "../../ui/Link.tsx";
import { useNow } from "../../ui/useNow.ts";
import { useLanguage } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import type { Point } from "./attention.ts";
import { Card } from "./Card.tsx";
import styles from "./Home.module.css";

/** The number of held deliveries up to which an endpoint counts them. */
const HELD_COUNTED = 1000;

interface Props {
  points: readonly Point[] | null;
  error: unknown;
  onRetry: () => void;
}

/** The points that need attention, a line each, worst first; each leads to the thing. */
export function Attention({ points, error, onRetry }: Props) {
  const w = useWords().home;
  const query = { data: points ?? undefined, error: error ?? null, refetch: onRetry };
  return (
    <Card title={w.attention} query={query} lines={2}>
      {(found) =>
        found.length === 0 ? (
          <p className={styles.well}>
            <Icon name="check" />
            {w.nothing}
          </p>
        ) : (
          <ul className={styles.points}>
            {found.map((point) => (
              <Line key={keyOf(point)} point={point} />
            ))}
          </ul>
        )
      }
    </Card>
  );
}

function keyOf(point: Point): string {
  if ("endpoint" in point) return point.endpoint.id;
  return "integration" in point ? point.integration.id : point.job.id;
}

function Line({ point }: { point: Point }) {
  const w = useWords().home;
  const { id: ws } = useWorkspace();
  const language = useLanguage();
  const now = useNow();
  const since = (at: string) => relativeText(at, now, language);
  switch (point.kind) {
    case "suspended":
    case "disabled": {
      const { name, stopped, held, updated_at, id } = point.endpoint;
      const text = w.endpoint[point.kind](name, since(stopped?.since ?? updated_at));
      const more = held > 0 ? ` · ${w.endpoint.held(held, held >= HELD_COUNTED)}` : "";
      const bad = point.kind === "suspended";
      return (
        <Entry tone={bad ? "bad" : "quiet"} icon="pause" href={paths.endpoint(ws, id)}>
          {text + more}
        </Entry>
      );
    }
    case "near": {
      const { name, id } = point.endpoint;
      return (
        <Entry tone="wait" icon="warning" href={paths.endpoint(ws, id)}>
          {w.endpoint.near(name, point.failures, point.limit)}
        </Entry>
      );
    }
    case "errors": {
      const { id, name, origin } = point.integration;
      const search = { from: "-24h", status: "error", integration: id };
      return (
        <Entry tone="bad" icon="cross" href={paths.history(ws, origin, search)}>
          {w.integration.errors(name, percentText(point.rate * 100, language))}
        </Entry>
      );
    }
    case "silent": {
      const { id, name, origin } = point.integration;
      return (
        <Entry tone="wait" icon="clock" href={paths.history(ws, origin, { integration: id })}>
          {w.integration.silent(name, since(point.last))}
        </Entry>
      );
    }
    case "job":
      return (
        <Entry tone="quiet" icon="retry" href={paths.job(ws, point.job.id)}>
          {w.jobRunning(point.job.done, point.job.total)}
        </Entry>
      );
  }
}

function Entry(props: { tone: string; icon: IconName; href: string; children: string }) {
  return (
    <li>
      <Link href={props.href} plain className={styles.point ?? ""}>
        <span className={styles.dot} data-tone={props.tone}>
          <Icon name={props.icon} />
        </span>
        <bdi>{plainText(props.children, 400)}</bdi>
      </Link>
    </li>
  );
}
