import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Schemas } from "../../api/configuration.ts";
import { useClient, useIdempotencyKey, useMay } from "../../api/context.tsx";
import { paths } from "../../lib/paths.ts";
import { useRouter } from "../../lib/router/hooks.ts";
import { say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";

type Of = Pick<Schemas["Integration"], "id" | "origin">;

function filterOf(integration: Of) {
  return { integration: integration.id, status: "error" as const };
}

/** The exact number of webhooks of an integration that have an error, counted by the server. */
export function useErrors(integration: Of) {
  const client = useClient();
  const may = useMay("operator");
  return useQuery({
    queryKey: [client.workspace, "errors", integration.id],
    enabled: may,
    queryFn: async ({ signal }) => {
      const answer = await client.post("/v1/origins/{origin}/reprocess", {
        path: { origin: integration.origin },
        body: { filter: filterOf(integration), dry_run: true },
        signal,
      });
      return "count" in answer ? answer.count : 0;
    },
  });
}

/** Starts the job that processes them again. */
export function useReprocessErrors(integration: Of) {
  const client = useClient();
  const cache = useQueryClient();
  const router = useRouter();
  const { mapping } = useWords();
  const { key, renew } = useIdempotencyKey();
  return useMutation({
    mutationFn: () =>
      client.post("/v1/origins/{origin}/reprocess", {
        path: { origin: integration.origin },
        idempotencyKey: key,
        // What fails after this moment is not part of what was counted.
        body: { filter: { ...filterOf(integration), to: new Date().toISOString() } },
      }),
    onSuccess: (job) => {
      renew();
      void cache.invalidateQueries({ queryKey: [client.workspace, "jobs"] });
      if (!("id" in job)) return;
      const go = () => void router.navigate({ href: paths.job(client.workspace, job.id) });
      const text = mapping.reprocess.started(job.total ?? 0);
      say({ text, action: { label: mapping.reprocess.follow, run: go } });
    },
  });
}
