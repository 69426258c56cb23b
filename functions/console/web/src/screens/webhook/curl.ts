import type { WebhookDetail } from "../../api/history.ts";
import { shellQuote } from "../../lib/curl.ts";

/** Headers that the sender's HTTP client makes by itself, or that only the road to Gancho added. */
const LEFT_OUT = /^(host|content-length|connection|accept-encoding|x-forwarded-.*|via|forwarded)$/i;
const MASKED = /^[•*]+$/;

/** A webhook as its sender sent it, with `$URL` in the place of the integration's URL, which is a secret. */
export function curlOfWebhook(
  webhook: Pick<WebhookDetail, "method" | "headers" | "query">,
  body: string,
): string {
  const query = webhook.query === "" ? "" : shellQuote(`?${webhook.query}`);
  const parts = ["curl", "-X", webhook.method, `"$URL"${query}`];
  for (const { name, value } of webhook.headers) {
    if (LEFT_OUT.test(name) || MASKED.test(value)) continue;
    parts.push("-H", shellQuote(`${name}: ${value}`));
  }
  if (body !== "") parts.push("--data-binary", shellQuote(body));
  return parts.join(" ");
}
