import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useEndpoints } from "../../api/configuration.ts";
import { useClient, useIdempotencyKey, useMay, useWorkspace } from "../../api/context.tsx";
import type { Delivery, DeliveryState } from "../../api/deliveries.ts";
import { paths } from "../../lib/paths.ts";
import { problemText } from "../../lib/problemText.ts";
import { useRouter } from "../../lib/router/hooks.ts";
import { copyText } from "../../ui/clipboard.ts";
import { Confirm } from "../../ui/Dialog.tsx";
import type { MenuAction } from "../../ui/Menu.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";
import { targetName } from "./words.ts";

/** The fields of a delivery that an action needs; rows and details have them. */
export type Actable = Pick<
  Delivery,
  "id" | "subject" | "state" | "endpoint" | "integration" | "rule"
>;
type Kind = "resend" | "discard";

const ENDED: readonly DeliveryState[] = ["success", "failure", "discarded"];

/** Reasons that an action cannot be done in a state; undefined where it can. */
export function useActionReasons() {
  const words = useWords();
  const may = useMay("operator");
  const { menu } = words.deliveries;
  /** A failure that blocks an ordered endpoint can be tried again or given up, though it has ended. */
  return (state: DeliveryState, blocks: boolean) => {
    const role = may ? undefined : words.common.needs.operator;
    const ended = ENDED.includes(state);
    const over = ended && !blocks;
    return {
      resend: role ?? (ended ? undefined : menu.notEnded),
      retry: role ?? (over ? menu.notWaiting : state === "held" ? menu.held : undefined),
      discard: role ?? (over ? menu.ended : undefined),
    };
  };
}

/** Resend, retry now and discard, with their questions. `dialog` is drawn by the screen. */
export function useDeliveryActions(onTouched: () => void) {
  const client = useClient();
  const words = useWords();
  const texts = words.deliveries;
  const { id: ws } = useWorkspace();
  const router = useRouter();
  const reasons = useActionReasons();
  const endpoints = useEndpoints().data;
  const [asked, setAsked] = useState<{ kind: Kind; delivery: Actable } | null>(null);

  const retryNow = useMutation({
    mutationFn: (delivery: string) =>
      client.post("/v1/deliveries/{delivery}/retry-now", { path: { delivery } }),
    onSuccess: () => {
      say({ text: texts.retried, tone: "ok" });
      onTouched();
    },
    onError: (error) => say({ text: problemText(error, words), tone: "bad" }),
  });

  function done(kind: Kind, made: Delivery): void {
    setAsked(null);
    onTouched();
    const text = kind === "resend" ? texts.resent : texts.discarded;
    const go = () => void router.navigate({ href: paths.delivery(ws, made.id) });
    say({
      text,
      tone: "ok",
      ...(kind === "resend" ? { action: { label: texts.open, run: go } } : {}),
    });
  }

  async function copyLink(id: string): Promise<void> {
    const link = new URL(paths.delivery(ws, id), window.location.href).href;
    if (await copyText(link)) say({ text: words.parts.drawer.linkCopied, tone: "ok" });
  }

  /** The actions of a delivery for a menu; those of the list are added by it. */
  function actionsOf(delivery: Actable): MenuAction[] {
    const { menu } = texts;
    const endpoint = delivery.endpoint;
    // A row does not tell its lane: the API refuses what does not block.
    const order = endpoints?.find(({ id }) => id === endpoint?.id)?.policy.order;
    const why = reasons(delivery.state, delivery.state === "failure" && order === "block");
    return [
      {
        id: "resend",
        icon: "send",
        label: menu.resend,
        reason: why.resend,
        onAction: () => setAsked({ kind: "resend", delivery }),
      },
      {
        id: "retry",
        icon: "retry",
        label: menu.retry,
        reason: why.retry,
        onAction: () => retryNow.mutate(delivery.id),
      },
      {
        id: "discard",
        icon: "ban",
        label: menu.discard,
        reason: why.discard,
        danger: true,
        onAction: () => setAsked({ kind: "discard", delivery }),
      },
      {
        id: "rule",
        label: menu.rule,
        apart: true,
        icon: "open",
        href: paths.rule(ws, delivery.rule.id),
      },
      ...(endpoint
        ? [
            {
              id: "endpoint",
              label: menu.endpoint,
              icon: "open" as const,
              href: paths.endpoint(ws, endpoint.id),
            },
          ]
        : []),
      {
        id: "link",
        icon: "link",
        label: menu.copyLink,
        onAction: () => void copyLink(delivery.id),
      },
    ];
  }

  const dialog: ReactNode = asked && (
    <Question
      kind={asked.kind}
      delivery={asked.delivery}
      onDone={(made) => done(asked.kind, made)}
      onClose={() => setAsked(null)}
    />
  );
  return {
    actionsOf,
    dialog,
    ask: (kind: Kind, delivery: Actable) => setAsked({ kind, delivery }),
    retryNow: (id: string) => retryNow.mutate(id),
  };
}

function Question(props: {
  kind: Kind;
  delivery: Actable;
  onDone: (made: Delivery) => void;
  onClose: () => void;
}) {
  const client = useClient();
  const words = useWords();
  const { key } = useIdempotencyKey();
  const { delivery } = props;
  const texts = props.kind === "resend" ? words.deliveries.resendOne : words.deliveries.discardOne;
  const act = useMutation({
    mutationFn: () => {
      const path = { delivery: delivery.id };
      return props.kind === "resend"
        ? client.post("/v1/deliveries/{delivery}/resend", { path, idempotencyKey: key })
        : client.post("/v1/deliveries/{delivery}/cancel", { path });
    },
    onSuccess: props.onDone,
  });
  return (
    <Confirm
      title={texts.title}
      action={texts.action}
      danger={props.kind === "discard"}
      busy={act.isPending}
      onConfirm={() => act.mutate()}
      onClose={props.onClose}
    >
      {act.isError && (
        <Banner tone="bad" alert>
          {problemText(act.error, words)}
        </Banner>
      )}
      <p>{texts.text(delivery.subject, targetName(delivery, words.deliveries))}</p>
    </Confirm>
  );
}
