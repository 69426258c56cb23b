import { queryOptions, useQuery } from "@tanstack/react-query";
import { frontStates } from "../lib/lane.ts";
import type { Client } from "./client.ts";
import { useEndpoints } from "./configuration.ts";
import { useClient } from "./context.tsx";
import { type DeliveryState, deliveriesKey } from "./deliveries.ts";

/** Milliseconds: a lane moves with every attempt. */
const ASK_MS = 5_000;

/** The newest delivery of an endpoint in some states, and their number. */
function newestQuery(client: Client, endpoint: string, state: DeliveryState[]) {
  return queryOptions({
    queryKey: [...deliveriesKey(client), "newest", endpoint, state],
    refetchInterval: ASK_MS,
    queryFn: ({ signal }) =>
      client.get("/v1/deliveries", {
        query: { endpoint: [endpoint], state, limit: 1 },
        signal,
      }),
  });
}

/** The order of an endpoint's policy; undefined until it is known. */
export function useOrder(endpoint: string | undefined) {
  return useEndpoints().data?.find(({ id }) => id === endpoint)?.policy.order;
}

/**
 * The delivery at the front of an ordered endpoint's lane, while the others wait for it. It is the newest that is tried
 * again or blocks: nothing passes it, so none behind it can be either.
 */
export function useFront(endpoint: string | undefined) {
  const client = useClient();
  const order = useOrder(endpoint);
  const states = frontStates(order);
  const query = useQuery({
    ...newestQuery(client, endpoint ?? "", states),
    enabled: endpoint !== undefined && states.length > 0,
  });
  return query.data?.items[0];
}

/** The number of deliveries that wait for their turn at an endpoint. */
export function useQueued(endpoint: string, enabled: boolean): number {
  const query = useQuery({ ...newestQuery(useClient(), endpoint, ["queued"]), enabled });
  return query.data?.count ?? 0;
}
