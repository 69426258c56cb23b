import { useMemo } from "react";
import { addressOf } from "../../api/client.ts";
import { useWorkspace } from "../../api/context.tsx";
import { filterParameters, type WebhookFilter } from "../../api/history.ts";
import type { ApiCall } from "../../lib/curl.ts";

/** The request behind the list, for *View as API*. */
export function useApiCall(origin: string, filter: WebhookFilter): ApiCall {
  const { time_zone: zone } = useWorkspace();
  return useMemo(() => {
    const query = filterParameters(filter, Date.now(), zone);
    const path = addressOf("/v1/origins/{origin}/webhooks", { origin }, query);
    return { method: "GET", path };
  }, [origin, filter, zone]);
}
