import type { Attempt, Delivery } from "../../api/deliveries.ts";
import type { Words } from "../../words/index.ts";

type Texts = Words["deliveries"];

function known<T extends Record<string, string>>(texts: T, key: string): string {
  return Object.hasOwn(texts, key) ? (texts[key] ?? key) : key;
}

/** The reason of a failure or a discard in words; a reason that is new here is shown as it is. */
export function reasonText(reason: string | null, texts: Texts): string {
  return reason === null ? "—" : known(texts.reasons, reason);
}

export function errorText(error: string, texts: Texts): string {
  return known(texts.errors, error);
}

/** The outcome of an attempt: its status, its error in words, or the webhook that it made. */
export function outcomeText(
  outcome: Pick<Attempt, "status" | "error" | "webhook"> | null,
  texts: Texts,
): string {
  if (outcome === null) return texts.noAnswer;
  if (outcome.status !== null) return String(outcome.status);
  if (outcome.error !== null) return errorText(outcome.error, texts);
  return outcome.webhook === null ? texts.noAnswer : texts.handedOver;
}

/** The status of a subject: of a deal in words, of anything else as its system calls it. */
export function statusText(subject: string, status: string, { parts }: Words): string {
  return subject.startsWith("deal_") ? known(parts.deal, status) : status;
}

/** The name of what a delivery goes to. */
export function targetName(
  delivery: Pick<Delivery, "endpoint" | "integration">,
  texts: Texts,
): string {
  const { endpoint, integration } = delivery;
  if (endpoint) return endpoint.name ?? `${endpoint.id.slice(-6)} (${texts.deletedEndpoint})`;
  if (!integration) return "—";
  return integration.name ?? `${(integration.id ?? "").slice(-6)} (${texts.deleted})`;
}
