import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Client } from "../../api/client.ts";
import type { Schemas } from "../../api/configuration.ts";
import { useClient } from "../../api/context.tsx";

export type Integration = Schemas["Integration"];
export type IntegrationPatch = Schemas["IntegrationPatch"];

export function integrationQuery(client: Client, integration: string) {
  return queryOptions({
    queryKey: [client.workspace, "integration", integration],
    queryFn: ({ signal }) =>
      client.get("/v1/integrations/{integration}", { path: { integration }, signal }),
  });
}

export function useIntegration(integration: string) {
  return useQuery(integrationQuery(useClient(), integration));
}

/** Keeps the answer of a change, and has lists of integrations read again. */
export function useKeep() {
  const client = useClient();
  const cache = useQueryClient();
  return (changed: Integration) => {
    cache.setQueryData(integrationQuery(client, changed.id).queryKey, changed);
    void cache.invalidateQueries({ queryKey: [client.workspace, "integrations"] });
  };
}

/** Changes an integration as it was read: another change in between is refused (409). */
export function useChange(integration: Pick<Integration, "id" | "version">) {
  const client = useClient();
  const keep = useKeep();
  return useMutation({
    mutationFn: (patch: IntegrationPatch & { over?: number }) => {
      const { over, ...body } = patch;
      return client.patch("/v1/integrations/{integration}", {
        path: { integration: integration.id },
        version: over ?? integration.version,
        body,
      });
    },
    onSuccess: keep,
  });
}
