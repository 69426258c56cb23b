import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Schemas } from "../../api/configuration.ts";
import { useClient } from "../../api/context.tsx";
import { paths } from "../../lib/paths.ts";
import { problemText } from "../../lib/problemText.ts";
import { useRouter } from "../../lib/router/hooks.ts";
import { say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";

type Rule = Schemas["Rule"];

/** The actions on a rule from its row. */
export function useRuleActions() {
  const client = useClient();
  const cache = useQueryClient();
  const router = useRouter();
  const words = useWords();
  const w = words.rules;
  const reread = () => cache.invalidateQueries({ queryKey: [client.workspace, "rules"] });
  const failed = (error: unknown) => {
    say({ text: problemText(error, words), tone: "bad" });
    return reread();
  };
  const setActive = useMutation({
    mutationFn: ({ rule, active }: { rule: Rule; active: boolean }) =>
      client.patch("/v1/rules/{rule}", {
        path: { rule: rule.id },
        version: rule.version,
        body: { active },
      }),
    onSuccess: (_, { rule, active }) => {
      say({ text: active ? w.activated(rule.name) : w.deactivated(rule.name), tone: "ok" });
      return reread();
    },
    onError: failed,
  });
  const duplicate = useMutation({
    mutationFn: (rule: Rule) =>
      client.post("/v1/rules/{rule}/duplicate", {
        path: { rule: rule.id },
        idempotencyKey: crypto.randomUUID(),
        body: { active: false },
      }),
    onSuccess: async (made) => {
      say({ text: w.duplicated(made.name), tone: "ok" });
      await reread();
      await router.navigate({ href: paths.rule(client.workspace, made.id) });
    },
    onError: failed,
  });
  const remove = useMutation({
    mutationFn: (rule: Rule) =>
      client.delete("/v1/rules/{rule}", { path: { rule: rule.id }, version: rule.version }),
    onSuccess: (_, rule) => {
      say({ text: w.removed(rule.name), tone: "ok" });
      return reread();
    },
  });
  return { setActive, duplicate, remove };
}
