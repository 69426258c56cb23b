import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type Schemas, useIntegrations } from "../../api/configuration.ts";
import { useClient, useIdempotencyKey } from "../../api/context.tsx";
import { paths } from "../../lib/paths.ts";
import { useRouter } from "../../lib/router/hooks.ts";
import { say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";
import { changedPart } from "../changes/fields.ts";
import { type NewRule, type RuleDraft, type RuleValue, ruleOf, settingsOf } from "./draft.ts";

type Target = Schemas["RuleTarget"];

/**
 * Saves a rule; an endpoint that is wanted is made first, and its secret shown once. `onDone` is called when nothing
 * is left to show.
 */
export function useSaveRule(
  saved: RuleValue | undefined,
  onRefused: (error: unknown) => void,
  onDone: () => void,
) {
  const client = useClient();
  const cache = useQueryClient();
  const router = useRouter();
  const { rules: w } = useWords();
  const integrations = useIntegrations().data;
  const forEndpoint = useIdempotencyKey();
  const forRule = useIdempotencyKey();
  const [endpoint, setEndpoint] = useState<{ id: string; secret: string | undefined }>();
  const [done, setDone] = useState<RuleValue>();
  // What was sent of a rule that exists: what the reader did not change is not in it.
  const [sent, setSent] = useState<Partial<NewRule>>({});

  async function targetOf(draft: RuleDraft): Promise<Target> {
    if (draft.target === "integration") {
      const integration = draft.integration ?? "";
      const origin = integrations?.find((one) => one.id === integration)?.origin ?? "";
      return { integration: { origin, integration } };
    }
    if (draft.target === "endpoint") return { endpoint: draft.endpoint ?? "" };
    // An endpoint that was made before the rule was refused is not made again.
    if (endpoint !== undefined) return { endpoint: endpoint.id };
    const made = await client.post("/v1/endpoints", {
      idempotencyKey: forEndpoint.key,
      body: { name: draft.fresh.name.trim(), url: draft.fresh.url.trim() },
    });
    setEndpoint({ id: made.id, secret: made.secret ?? undefined });
    void cache.invalidateQueries({ queryKey: [client.workspace, "endpoints"] });
    return { endpoint: made.id };
  }
  const save = useMutation({
    mutationFn: async ({ draft, over }: { draft: RuleDraft; over: number | undefined }) => {
      const body = ruleOf(draft, await targetOf(draft));
      if (saved === undefined) {
        return client.post("/v1/rules", { idempotencyKey: forRule.key, body });
      }
      const changed = changedPart(body, settingsOf(saved));
      setSent(changed);
      const version = over ?? saved.version;
      return client.patch("/v1/rules/{rule}", { path: { rule: saved.id }, version, body: changed });
    },
    onSuccess: (rule) => {
      cache.setQueryData([client.workspace, "rule", rule.id], rule);
      void cache.invalidateQueries({ queryKey: [client.workspace, "rules"] });
      say({ text: w.saved(rule.name), tone: "ok" });
      setDone(rule);
    },
    onError: (error) => {
      forEndpoint.renew();
      forRule.renew();
      onRefused(error);
    },
  });

  const secret = done === undefined ? undefined : endpoint?.secret;
  function finish() {
    if (done === undefined) return;
    const href = paths.rule(client.workspace, done.id);
    setEndpoint(undefined);
    onDone();
    if (saved === undefined) void router.navigate({ href, replace: true });
  }
  const isWaiting = done !== undefined && secret === undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: it goes on once, when the rule is saved.
  useEffect(() => {
    if (isWaiting) finish();
  }, [isWaiting]);
  return {
    send: (draft: RuleDraft, over?: number) => save.mutate({ draft, over }),
    sent,
    isPending: save.isPending,
    isDone: done !== undefined,
    secret,
    finish,
  };
}
