import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Schemas } from "../../api/configuration.ts";
import { useClient } from "../../api/context.tsx";
import { paths } from "../../lib/paths.ts";
import { problemText } from "../../lib/problemText.ts";
import { useRouter } from "../../lib/router/hooks.ts";
import { copyText } from "../../ui/clipboard.ts";
import { say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";

type Integration = Schemas["Integration"];

/** The actions on an integration from its row. */
export function useRowActions() {
  const client = useClient();
  const cache = useQueryClient();
  const router = useRouter();
  const words = useWords();
  const { integrations: w } = words;
  const reread = () => cache.invalidateQueries({ queryKey: [client.workspace, "integrations"] });
  const failed = (error: unknown) => say({ text: problemText(error, words), tone: "bad" });

  const setActive = useMutation({
    mutationFn: (change: { integration: Integration; active: boolean }) =>
      client.patch("/v1/integrations/{integration}", {
        path: { integration: change.integration.id },
        version: change.integration.version,
        body: { active: change.active },
      }),
    onSuccess: (_, { integration, active }) => {
      say({ text: (active ? w.on : w.off).done(integration.name), tone: "ok" });
      return reread();
    },
    onError: (error) => {
      failed(error);
      return reread();
    },
  });
  const remove = useMutation({
    mutationFn: (integration: Integration) =>
      client.delete("/v1/integrations/{integration}", {
        path: { integration: integration.id },
        version: integration.version,
      }),
    onSuccess: (_, integration) => {
      say({ text: w.deletion.done(integration.name), tone: "ok" });
      return reread();
    },
  });
  const duplicate = useMutation({
    mutationFn: async (integration: Integration) => {
      const made = await client.post("/v1/integrations/{integration}/duplicate", {
        path: { integration: integration.id },
        idempotencyKey: crypto.randomUUID(),
        body: {},
      });
      return made;
    },
    onSuccess: async (made) => {
      say({ text: w.duplicated(made.name), tone: "ok" });
      await reread();
      await router.navigate({ href: paths.integration(client.workspace, made.id) });
    },
    onError: failed,
  });
  async function copyUrl(integration: Integration) {
    try {
      const answer = await client.get("/v1/integrations/{integration}/url", {
        path: { integration: integration.id },
      });
      const copied = answer.url !== null && (await copyText(answer.url));
      say(copied ? { text: w.urlCopied, tone: "ok" } : { text: w.urlFailed, tone: "bad" });
    } catch (error) {
      failed(error);
    }
  }
  return { setActive, remove, duplicate, copyUrl };
}
