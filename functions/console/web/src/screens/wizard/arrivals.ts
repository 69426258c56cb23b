import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "../../api/configuration.ts";
import { useClient } from "../../api/context.tsx";
import type { Integration } from "../integration/useChange.ts";

type Webhook = Schemas["Webhook"];

const ASK_MS = 2_000;

/** The newest webhooks of the integration; `asks` says whether they are asked for again. */
export function useArrivals(
  integration: Integration,
  asks: (items: readonly Webhook[]) => boolean,
) {
  const client = useClient();
  const { id, origin } = integration;
  return useQuery<Schemas["WebhookPage"]>({
    queryKey: [client.workspace, "arrivals", id],
    refetchInterval: ({ state }) => (asks(state.data?.items ?? []) ? ASK_MS : false),
    queryFn: ({ signal }) =>
      client.get("/v1/origins/{origin}/webhooks", {
        path: { origin },
        query: { integration: [id], limit: 5 },
        signal,
      }),
  });
}
