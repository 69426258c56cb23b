import { useQuery } from "@tanstack/react-query";
import { useOrigins } from "../../api/configuration.ts";
import { useClient, useWorkspace } from "../../api/context.tsx";
import type { WebhookDetail } from "../../api/history.ts";
import { paths } from "../../lib/paths.ts";
import { Foreign } from "../../ui/Foreign.tsx";
import { Link } from "../../ui/Link.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Webhook.module.css";

/** The contact and the deal of the last run as they are now. */
export function Cards({ webhook }: { webhook: WebhookDetail }) {
  if (!webhook.contact && !webhook.deal) return null;
  return (
    <div className={styles.cards}>
      {webhook.deal && <DealCard {...webhook.deal} />}
      {webhook.contact && <ContactCard {...webhook.contact} />}
    </div>
  );
}

type Action = "created" | "updated" | "unchanged";

function DealCard({ id, action }: { id: string; action: Action }) {
  const w = useWords().history;
  const client = useClient();
  const { id: ws } = useWorkspace();
  const { data: origins } = useOrigins();
  const { data } = useQuery({
    queryKey: [client.workspace, "deal", id],
    queryFn: ({ signal }) => client.get("/v1/deals/{deal}", { path: { deal: id }, signal }),
  });
  const origin = origins?.find((one) => one.id === data?.origin);
  const stage = origin?.stages.find((one) => one.id === data?.stage);
  return (
    <Link href={paths.deal(ws, id)} plain className={styles.card ?? ""}>
      <span className={styles.muted}>{w.deal[action]}</span>
      <strong>{data ? <Foreign text={data.title} /> : "…"}</strong>
      {origin && stage && (
        <span className={styles.muted}>
          <Foreign text={`${origin.name} / ${stage.name}`} />
        </span>
      )}
    </Link>
  );
}

function ContactCard({ id, action }: { id: string; action: Action }) {
  const w = useWords().history;
  const client = useClient();
  const { id: ws } = useWorkspace();
  const { data } = useQuery({
    queryKey: [client.workspace, "contact", id],
    queryFn: ({ signal }) =>
      client.get("/v1/contacts/{contact}", { path: { contact: id }, signal }),
  });
  const reach = [data?.email, data?.phone].filter((one) => typeof one === "string").join(" · ");
  return (
    <Link href={paths.contact(ws, id)} plain className={styles.card ?? ""}>
      <span className={styles.muted}>{w.contact[action]}</span>
      <strong>{data ? <Foreign text={data.name ?? (reach || id)} /> : "…"}</strong>
      {data?.name && reach !== "" && (
        <span className={styles.muted}>
          <Foreign text={reach} />
        </span>
      )}
    </Link>
  );
}
