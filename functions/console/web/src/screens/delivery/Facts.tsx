import type { ReactNode } from "react";
import { useWorkspace } from "../../api/context.tsx";
import type { DeliveryDetail } from "../../api/deliveries.ts";
import { useFront } from "../../api/lanes.ts";
import { paths } from "../../lib/paths.ts";
import { Copy } from "../../ui/Copy.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { Link } from "../../ui/Link.tsx";
import { SectionTitle } from "../../ui/SectionTitle.tsx";
import { StatusMark } from "../../ui/StatusMark.tsx";
import { Time } from "../../ui/Time.tsx";
import { useWords } from "../../words/index.ts";
import { useTypeLabel } from "../deliveries/columns.tsx";
import { statusText, targetName } from "../deliveries/words.ts";
import styles from "./Delivery.module.css";
import { RuleFact } from "./RuleFact.tsx";

/** A name and what stands for it; a list of them is a `dl`. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The delivery at the front of the lane, for which one that is queued waits. */
function WaitsFor({ delivery }: { delivery: DeliveryDetail }) {
  const words = useWords().deliveries.detail;
  const { id: ws } = useWorkspace();
  const waits = delivery.state === "queued" && !delivery.attempt_under_way;
  const front = useFront(waits ? delivery.endpoint?.id : undefined);
  if (!waits) return null;
  if (!front || front.id === delivery.id) return `; ${words.laneBehind}`;
  return (
    <>
      {"; "}
      {words.waitsFor}{" "}
      <Link href={paths.delivery(ws, front.id)}>
        <Foreign text={front.subject} />
      </Link>
    </>
  );
}

/** The facts of a delivery: its event, its target, its resends. */
export function Facts({ delivery }: { delivery: DeliveryDetail }) {
  const words = useWords();
  const texts = words.deliveries;
  const { id: ws } = useWorkspace();
  const label = useTypeLabel();
  const w = texts.detail;
  const { endpoint, integration, rule, lane } = delivery;
  return (
    <section className={styles.section}>
      <SectionTitle>{w.about}</SectionTitle>
      <dl className={styles.facts}>
        <Fact name={w.subject}>
          <Link href={paths.subject(ws, delivery.subject)}>
            <Foreign text={delivery.subject} />
          </Link>
        </Fact>
        {delivery.subject_status !== null && (
          <Fact name={w.subjectStatus}>
            <Foreign text={statusText(delivery.subject, delivery.subject_status, words)} />
          </Fact>
        )}
        <Fact name={w.type}>
          {label(delivery.type)} <code className={styles.muted}>{delivery.type}</code>
        </Fact>
        <Fact name={w.rule}>
          <RuleFact rule={rule} />
        </Fact>
        {endpoint && (
          <Fact name={w.endpoint}>
            <Link href={paths.endpoint(ws, endpoint.id)}>
              <Foreign text={targetName(delivery, texts)} />
            </Link>
          </Fact>
        )}
        {integration?.id && (
          <Fact name={w.integration}>
            <Link href={paths.integration(ws, integration.id)}>
              <Foreign text={targetName(delivery, texts)} />
            </Link>
          </Fact>
        )}
        <Fact name={w.created}>
          <Time at={delivery.created_at} />
        </Fact>
        <Fact name={w.trigger}>{w.triggers[delivery.trigger]}</Fact>
        {delivery.resend_of !== null && (
          <Fact name={w.resendOf}>
            <Link href={paths.delivery(ws, delivery.resend_of)}>{w.original}</Link>
          </Fact>
        )}
        {lane?.lane !== undefined && lane.seq !== undefined && (
          <Fact name={w.lane}>
            {w.laneText(lane.lane, lane.seq)}
            <WaitsFor delivery={delivery} />
          </Fact>
        )}
        <Fact name={w.expires}>
          <Time at={delivery.expires_at} />
        </Fact>
        <Fact name={w.id}>
          <span className={styles.id}>
            <code>{delivery.id}</code>
            <Copy text={delivery.id} />
          </span>
        </Fact>
      </dl>
      {delivery.resends.length > 0 && (
        <>
          <SectionTitle>{w.resends}</SectionTitle>
          <ul className={styles.resends}>
            {delivery.resends.map((resend) => (
              <li key={resend.id}>
                <StatusMark of="delivery" status={resend.state} />
                <Link href={paths.delivery(ws, resend.id)}>
                  <Time at={resend.created_at} />
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
