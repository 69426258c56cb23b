import type { Schemas } from "../../api/configuration.ts";

type Webhook = Schemas["Webhook"];

/** The run that processes a webhook has not ended, or has not begun since the integration is active. */
export function isWaiting(
  webhook: Pick<Webhook, "status" | "reprocessing"> & { error: { code: string } | null },
): boolean {
  const { status, reprocessing, error } = webhook;
  return reprocessing || status === "pending" || error?.code === "integration_inactive";
}
