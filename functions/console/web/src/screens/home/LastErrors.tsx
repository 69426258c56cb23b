import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { useOrigins } from "../../api/configuration.ts";
import { useClient, useWorkspace } from "../../api/context.tsx";
import { idsOf, wrongDeliveriesQuery, wrongWebhooksQuery } from "../../api/home.ts";
import { paths } from "../../lib/paths.ts";
import { Foreign } from "../../ui/Foreign.tsx";
import { Link } from "../../ui/Link.tsx";
import { StatusMark } from "../../ui/StatusMark.tsx";
import { Time } from "../../ui/Time.tsx";
import { useWords } from "../../words/index.ts";
import { after, Card } from "./Card.tsx";
import styles from "./Home.module.css";

/** Five webhooks and five deliveries that went wrong, newest first. */
export function LastErrors({ origins }: { origins: ReturnType<typeof useOrigins> }) {
  const words = useWords();
  const w = words.home;
  const client = useClient();
  const { id: ws } = useWorkspace();
  const webhooks = useQuery({
    ...wrongWebhooksQuery(client, idsOf(origins.data)),
    enabled: origins.isSuccess,
  });
  const deliveries = useQuery(wrongDeliveriesQuery(client));
  const none = <p className={styles.muted}>{w.noErrors}</p>;
  return (
    <div className={styles.columns}>
      <Card
        title={`${w.lastErrors}: ${words.common.nav.inbound}`}
        query={after(origins, webhooks)}
        lines={5}
      >
        {(found) =>
          found.length === 0 ? (
            none
          ) : (
            <ul className={styles.rows}>
              {found.map(({ origin, webhook }) => (
                <Row
                  key={webhook.id}
                  href={paths.history(ws, origin, { from: "-24h", status: "error", w: webhook.id })}
                  name={webhook.integration.name}
                  at={webhook.received_at}
                  mark={<StatusMark of="inbound" status={webhook.status} />}
                  text={webhook.error?.message ?? ""}
                />
              ))}
            </ul>
          )
        }
      </Card>
      <Card title={`${w.lastErrors}: ${words.common.nav.outbound}`} query={deliveries} lines={5}>
        {(found) =>
          found.length === 0 ? (
            none
          ) : (
            <ul className={styles.rows}>
              {found.map((delivery) => (
                <Row
                  key={delivery.id}
                  href={paths.deliveries(ws, { from: "-24h", tab: "error", d: delivery.id })}
                  name={delivery.subject}
                  at={delivery.created_at}
                  mark={<StatusMark of="delivery" status={delivery.state} />}
                  text={delivery.rule.name ?? ""}
                />
              ))}
            </ul>
          )
        }
      </Card>
    </div>
  );
}

function Row(props: { href: string; name: string; at: string; mark: ReactNode; text: string }) {
  return (
    <li className={styles.row}>
      <span className={styles.rowHead}>
        <Link href={props.href}>
          <Foreign text={props.name} />
        </Link>
        <Time at={props.at} />
      </span>
      <span className={styles.rowText}>
        {props.mark}
        <span className={styles.line}>
          <Foreign text={props.text} />
        </span>
      </span>
    </li>
  );
}
