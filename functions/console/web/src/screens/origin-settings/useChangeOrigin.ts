import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { Client } from "../../api/client.ts";
import { originsQuery, type Schemas } from "../../api/configuration.ts";
import { useClient } from "../../api/context.tsx";
import { isProblem } from "../../api/problem.ts";
import { say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";

export type Origin = Schemas["Origin"];

export function originQuery(client: Client, origin: string) {
  return queryOptions({
    queryKey: [client.workspace, "origin", origin],
    queryFn: ({ signal }) => client.get("/v1/origins/{origin}", { path: { origin }, signal }),
  });
}

/** Changes an origin as it was read; where somebody else changed it meanwhile, it is read again. */
export function useChangeOrigin(origin: Origin, onError: (error: unknown) => void) {
  const client = useClient();
  const queries = useQueryClient();
  const w = useWords().home.origins;
  const { queryKey } = originQuery(client, origin.id);
  return useMutation({
    mutationFn: (body: Schemas["OriginPatch"]) =>
      client.patch("/v1/origins/{origin}", {
        path: { origin: origin.id },
        version: origin.version,
        body,
      }),
    onSuccess: (changed) => {
      queries.setQueryData(queryKey, changed);
      void queries.invalidateQueries({ queryKey: originsQuery(client).queryKey });
      say({ text: w.saved, tone: "ok" });
    },
    onError: (error) => {
      if (isProblem(error) && error.code === "conflict") {
        void queries.invalidateQueries({ queryKey });
      }
      onError(error);
    },
  });
}
