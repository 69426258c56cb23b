import { type ReactNode, useState } from "react";
import { useApplications } from "../../api/configuration.ts";
import { useWorkspace } from "../../api/context.tsx";
import { paths } from "../../lib/paths.ts";
import { type Caused, type Entry, failed, type Outcome } from "../../lib/timeline.ts";
import { AppIcon } from "../../ui/AppIcon.tsx";
import { Button } from "../../ui/Button.tsx";
import { cx } from "../../ui/cx.ts";
import { Foreign } from "../../ui/Foreign.tsx";
import { Icon, type IconName } from "../../ui/Icon.tsx";
import { Link } from "../../ui/Link.tsx";
import { StatusMark } from "../../ui/StatusMark.tsx";
import { Time } from "../../ui/Time.tsx";
import { useWords } from "../../words/index.ts";
import { statusText } from "../deliveries/words.ts";
import { useTypeLabel } from "../rules/typeLabel.ts";
import { Attempts } from "./Attempts.tsx";
import styles from "./Timeline.module.css";

type Of<K extends Entry["kind"]> = Extract<Entry, { kind: K }>;

const ICONS: Record<Entry["kind"], IconName> = {
  webhook: "download",
  event: "bell",
  delivery: "send",
};

/** One thing that happened. The line at its side joins it to what caused it. */
export function EntryRow({ caused }: { caused: Caused }) {
  const { entry, level } = caused;
  return (
    <li
      className={cx(styles.entry, styles[`level${level}`])}
      data-kind={entry.kind}
      data-outcome={outcomeOf(entry)}
    >
      {caused.hasEffects && <span className={styles.down} />}
      {level > 0 && !caused.isLast && <span className={styles.along} />}
      {caused.passes && <span className={cx(styles.along, styles.outer)} />}
      <span className={styles.dot}>
        <Icon name={ICONS[entry.kind]} size={14} />
      </span>
      <div className={styles.card}>
        {entry.kind === "webhook" && <WebhookEntry entry={entry} />}
        {entry.kind === "event" && <EventEntry entry={entry} />}
        {entry.kind === "delivery" && <DeliveryEntry entry={entry} />}
      </div>
    </li>
  );
}

/** The colour of an entry's mark: a failure stands out, a success of a delivery is told, waiting is neither. */
function outcomeOf(entry: Entry): "bad" | "ok" | undefined {
  if (failed(entry)) return "bad";
  return entry.kind === "delivery" && entry.delivery.state === "success" ? "ok" : undefined;
}

function Head(props: { at: string; title: ReactNode; mark?: ReactNode }) {
  return (
    <div className={styles.head}>
      <span className={styles.entryTitle}>{props.title}</span>
      {props.mark}
      <span className={styles.time}>
        <Time at={props.at} />
      </span>
    </div>
  );
}

function WebhookEntry({ entry }: { entry: Of<"webhook"> }) {
  const { timeline: w } = useWords();
  const ws = useWorkspace().id;
  const { webhook } = entry;
  const application = useApplications().data?.find((one) => one.key === webhook.application);
  return (
    <>
      <Head
        at={entry.at}
        title={<Link href={paths.webhook(ws, webhook.origin, webhook.id)}>{w.webhook}</Link>}
        mark={<StatusMark of="inbound" status={webhook.status} />}
      />
      <p className={styles.facts}>
        {webhook.integration && (
          <span className={styles.by}>
            <AppIcon path={application?.icon} size={16} />
            <Link plain href={paths.integration(ws, webhook.integration.id)}>
              {webhook.integration.name}
            </Link>
          </span>
        )}
        <Did outcome={webhook.contact} of="contact" />
        <Did outcome={webhook.deal} of="deal" />
      </p>
    </>
  );
}

function Did(props: { outcome: Outcome | undefined; of: "contact" | "deal" }) {
  const { timeline: w } = useWords();
  const ws = useWorkspace().id;
  const { outcome, of } = props;
  if (outcome === undefined) return null;
  const words: Readonly<Record<string, string>> = w[of];
  return <Link href={paths[of](ws, outcome.id)}>{words[outcome.action] ?? outcome.action}</Link>;
}

function EventEntry({ entry }: { entry: Of<"event"> }) {
  const words = useWords();
  const { timeline: w } = words;
  const ws = useWorkspace().id;
  const labelOf = useTypeLabel();
  const { types, cause, status, subject } = entry.event;
  const causes: Readonly<Record<string, string>> = w.causes;
  const [first = "", ...others] = types;
  return (
    <>
      <Head
        at={entry.at}
        title={<Link href={paths.eventTypes(ws, { type: first })}>{labelOf(first)}</Link>}
      />
      <p className={styles.facts}>
        {others.length > 0 && <span>{others.map(labelOf).join(" · ")}</span>}
        {cause !== undefined && cause !== "webhook" && <span>{causes[cause] ?? cause}</span>}
        {status !== undefined && (
          <span>
            {w.status}: <Foreign text={statusText(subject, status, words)} />
          </span>
        )}
      </p>
    </>
  );
}

function DeliveryEntry({ entry }: { entry: Of<"delivery"> }) {
  const { timeline: w } = useWords();
  const ws = useWorkspace().id;
  const [open, setOpen] = useState(false);
  const { delivery } = entry;
  const target = delivery.endpoint?.name ?? delivery.integration?.name;
  return (
    <>
      <Head
        at={entry.at}
        title={
          <>
            <Link href={paths.delivery(ws, delivery.id)}>{w.delivery}</Link>
            {target && (
              <>
                {" "}
                <Foreign text={w.to(target)} />
              </>
            )}
          </>
        }
        mark={<StatusMark of="delivery" status={delivery.state} />}
      />
      <p className={styles.facts}>
        {delivery.rule?.name && (
          <Link plain href={paths.rule(ws, delivery.rule.id)}>
            {w.ruleOf(delivery.rule.name)}
          </Link>
        )}
        {delivery.attempts > 0 && (
          <Button
            small
            kind="quiet"
            icon={open ? "up" : "down"}
            pressed={open}
            onPress={() => setOpen(!open)}
          >
            {w.attempts(delivery.attempts)}
          </Button>
        )}
      </p>
      {open && <Attempts delivery={delivery.id} />}
    </>
  );
}
