import type { Delivery, DeliveryDetail } from "../../api/deliveries.ts";
import { useOrder } from "../../api/lanes.ts";
import { blocksLane } from "../../lib/lane.ts";
import { momentText, relativeText } from "../../lib/time.ts";
import { Foreign } from "../../ui/Foreign.tsx";
import { StatusMark } from "../../ui/StatusMark.tsx";
import { useNow } from "../../ui/useNow.ts";
import { useLanguage, useZones } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import { useTypeLabel } from "../deliveries/columns.tsx";
import { reasonText, targetName } from "../deliveries/words.ts";
import styles from "./Delivery.module.css";

export type Titled = Delivery | DeliveryDetail;

/** Subject and event of a delivery. */
export function DeliveryTitle({ delivery }: { delivery: Titled }) {
  const label = useTypeLabel();
  return (
    <>
      <Foreign text={delivery.subject} middle={60} />
      <span className={styles.titleType}> · {label(delivery.type)}</span>
    </>
  );
}

/** The state of a delivery and what it means. */
export function DeliveryAbout({ delivery }: { delivery: Titled }) {
  const meaning = useMeaning(delivery);
  return (
    <span className={styles.about}>
      <StatusMark of="delivery" status={delivery.state} />
      <span className={styles.muted}>{meaning}</span>
    </span>
  );
}

function useMeaning(delivery: Titled): string {
  const texts = useWords().deliveries;
  const { shown } = useZones();
  const language = useLanguage();
  const now = useNow(delivery.state === "retrying");
  const order = useOrder(delivery.endpoint?.id);
  const words = texts.detail.meaning;
  const moment = (at: string | null) => (at === null ? "—" : momentText(at, shown, language));
  const under = "attempt_under_way" in delivery && delivery.attempt_under_way;
  switch (delivery.state) {
    case "queued": {
      if (under) return words.underWay;
      return order ? words.queuedBehind : words.queued;
    }
    case "retrying":
      if (under || delivery.next_at === null) return words.underWay;
      return words.retrying(relativeText(delivery.next_at, now, language));
    case "held":
      return words.held(targetName(delivery, texts), moment(delivery.state_since));
    case "success":
      return delivery.integration
        ? words.successIntegration
        : words.success(moment(delivery.state_since));
    case "failure": {
      const said = words.failure(reasonText(delivery.reason, texts));
      const blocks = "lane" in delivery && blocksLane(delivery, order);
      return blocks ? `${said} ${words.blocks}` : said;
    }
    case "discarded":
      return words.discarded(reasonText(delivery.reason, texts));
  }
}
