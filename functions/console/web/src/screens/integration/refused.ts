import { queryOptions } from "@tanstack/react-query";
import type { Client } from "../../api/client.ts";

/** The requests that an integration refused in the last seven days. */
export function refusedQuery(client: Client, integration: string) {
  return queryOptions({
    queryKey: [client.workspace, "refused", integration],
    queryFn: async ({ signal }) => {
      const page = await client.get("/v1/integrations/{integration}/refused", {
        path: { integration },
        signal,
      });
      return page.items;
    },
  });
}
