import type { ReactNode } from "react";
import { useWords } from "../words/index.ts";
import { Icon, type IconName } from "./Icon.tsx";
import styles from "./StatusMark.module.css";

export type Tone = "ok" | "bad" | "wait" | "quiet";
export type InboundStatus = "success" | "error" | "pending";
export type DeliveryState = "queued" | "retrying" | "held" | "success" | "failure" | "discarded";
export type EndpointState = "active" | "probing" | "suspended" | "disabled";
export type DealStatus = "open" | "won" | "lost";

type Look = { tone: Tone; icon: IconName };

const LOOKS = {
  inbound: {
    success: { tone: "ok", icon: "check" },
    error: { tone: "bad", icon: "cross" },
    pending: { tone: "wait", icon: "clock" },
  },
  delivery: {
    queued: { tone: "wait", icon: "clock" },
    retrying: { tone: "wait", icon: "retry" },
    held: { tone: "wait", icon: "pause" },
    success: { tone: "ok", icon: "check" },
    failure: { tone: "bad", icon: "cross" },
    discarded: { tone: "quiet", icon: "ban" },
  },
  endpoint: {
    active: { tone: "ok", icon: "check" },
    probing: { tone: "wait", icon: "retry" },
    suspended: { tone: "bad", icon: "pause" },
    disabled: { tone: "quiet", icon: "ban" },
  },
  deal: {
    open: { tone: "wait", icon: "clock" },
    won: { tone: "ok", icon: "check" },
    lost: { tone: "quiet", icon: "cross" },
  },
} as const satisfies Record<string, Record<string, Look>>;

export type Status =
  | { of: "inbound"; status: InboundStatus }
  | { of: "delivery"; status: DeliveryState }
  | { of: "endpoint"; status: EndpointState }
  | { of: "deal"; status: DealStatus };

function lookOf(status: Status): Look {
  switch (status.of) {
    case "inbound":
      return LOOKS.inbound[status.status];
    case "delivery":
      return LOOKS.delivery[status.status];
    case "endpoint":
      return LOOKS.endpoint[status.status];
    case "deal":
      return LOOKS.deal[status.status];
  }
}

/** The word of a status, for texts beside the mark. */
export function useStatusWord(): (status: Status) => string {
  const { parts } = useWords();
  return (status) => {
    switch (status.of) {
      case "inbound":
        return parts.inbound[status.status];
      case "delivery":
        return parts.delivery[status.status];
      case "endpoint":
        return parts.endpoint[status.status];
      case "deal":
        return parts.deal[status.status];
    }
  };
}

/** A sign, a word and a colour; never one of them alone. */
export function Mark(props: { tone: Tone; icon: IconName; children: ReactNode }) {
  return (
    <span className={styles.mark} data-tone={props.tone}>
      <Icon name={props.icon} size={12} />
      {props.children}
    </span>
  );
}

/** The status of a webhook, a delivery, an endpoint or a deal. `children` stand below the word. */
export function StatusMark(props: Status & { children?: ReactNode }) {
  const { children, ...status } = props;
  const word = useStatusWord()(status);
  const look = lookOf(status);
  if (!children) return <Mark {...look}>{word}</Mark>;
  return (
    <span className={styles.stack}>
      <Mark {...look}>{word}</Mark>
      <span className={styles.note}>{children}</span>
    </span>
  );
}
