import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useClient } from "../../api/context.tsx";
import { useFormProblem } from "../../ui/Form.tsx";
import { say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";
import {
  type Integration,
  type IntegrationPatch,
  integrationQuery,
  useChange,
} from "./useChange.ts";

/** Some settings of an integration under edit. `of` takes them from it; `patch` is what is sent. */
export function useSettings<T>(
  integration: Integration,
  of: (integration: Integration) => T,
  patch: (values: T) => IntegrationPatch,
) {
  const { integrations: words } = useWords();
  const client = useClient();
  const cache = useQueryClient();
  const change = useChange(integration);
  const problem = useFormProblem();
  const [edited, setEdited] = useState<T>();
  const saved = of(integration);
  const values = edited ?? saved;
  const isChanged = JSON.stringify(values) !== JSON.stringify(saved);
  function save(onSaved?: (changed: Integration) => void) {
    change.mutate(patch(values), {
      onSuccess: (changed) => {
        setEdited(undefined);
        say({ text: words.saved, tone: "ok" });
        onSaved?.(changed);
      },
      onError: problem.set,
    });
  }
  async function reload() {
    await cache.fetchQuery({ ...integrationQuery(client, integration.id), staleTime: 0 });
    problem.set(null);
  }
  return {
    values,
    set: (part: Partial<T>) => setEdited({ ...values, ...part }),
    problem,
    isChanged,
    isPending: change.isPending,
    save,
    reload: () => void reload(),
  };
}
