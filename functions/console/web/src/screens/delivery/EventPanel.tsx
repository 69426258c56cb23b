import { useWorkspace } from "../../api/context.tsx";
import type { DeliveryDetail } from "../../api/deliveries.ts";
import { paths } from "../../lib/paths.ts";
import { Json } from "../../ui/Json/Json.tsx";
import { Link } from "../../ui/Link.tsx";
import { SectionTitle } from "../../ui/SectionTitle.tsx";
import { Time } from "../../ui/Time.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Delivery.module.css";
import { Fact } from "./Facts.tsx";

type Shown = {
  types: string[];
  occurred: string | null;
  cause: "producer" | "person" | "webhook" | "test" | null;
  hops: number;
  data: string | null;
};

const CAUSES = ["producer", "person", "test"] as const;

/** Reads the event of a delivery; its fields beside the id are there while it is retained. */
export function readEvent(event: DeliveryDetail["event"]): Shown {
  const fields = new Map<string, unknown>(Object.entries(event));
  const cause = fields.get("cause");
  const types = fields.get("types");
  const occurred = fields.get("occurred_at");
  const hops = fields.get("hops");
  const fromWebhook = typeof cause === "object" && cause !== null && "webhook" in cause;
  return {
    types: Array.isArray(types) ? types.map(String) : [],
    occurred: typeof occurred === "string" ? occurred : null,
    cause: fromWebhook ? "webhook" : (CAUSES.find((known) => known === cause) ?? null),
    hops: typeof hops === "number" ? hops : 0,
    data: fields.has("data") ? JSON.stringify(fields.get("data")) : null,
  };
}

/** The event that a delivery is of. */
export function EventPanel({ delivery }: { delivery: DeliveryDetail }) {
  const words = useWords().deliveries.detail.event;
  const { id: ws } = useWorkspace();
  const event = readEvent(delivery.event);
  if (event.data === null) return <p className={styles.muted}>{words.gone}</p>;
  return (
    <div className={styles.stack}>
      <dl className={styles.facts}>
        <Fact name={words.types}>
          <code>{event.types.join(", ")}</code>
        </Fact>
        {event.occurred !== null && (
          <Fact name={words.occurred}>
            <Time at={event.occurred} />
          </Fact>
        )}
        {event.cause !== null && <Fact name={words.cause}>{words.causes[event.cause]}</Fact>}
        {event.hops > 0 && <Fact name={words.hops}>{event.hops}</Fact>}
      </dl>
      <section className={styles.section}>
        <SectionTitle>{words.data}</SectionTitle>
        <div className={styles.json}>
          <Json text={event.data} label={words.data} />
        </div>
      </section>
      <Link href={paths.subject(ws, delivery.subject)}>{words.seen}</Link>
    </div>
  );
}
