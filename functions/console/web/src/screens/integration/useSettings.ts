import { useState } from "react";
import { useFormProblem } from "../../ui/Form.tsx";
import { say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";
import type { Integration, IntegrationPatch } from "./useChange.ts";
import { useGuardedChange } from "./useGuardedChange.tsx";

interface Edited<T> {
  values: T;
  /** The integration as it was when the first value was changed. */
  base: Integration;
}

/** Some settings of an integration under edit. `of` takes them from it; `patch` is what is sent. */
export function useSettings<T>(
  integration: Integration,
  of: (integration: Integration) => T,
  patch: (values: T) => IntegrationPatch,
) {
  const { integrations: words } = useWords();
  const problem = useFormProblem();
  const [edited, setEdited] = useState<Edited<T>>();
  const base = edited?.base ?? integration;
  const saved = of(base);
  const values = edited?.values ?? saved;
  const isSaved = (these: T) => JSON.stringify(these) === JSON.stringify(saved);
  const change = useGuardedChange(base, () => setEdited(undefined));
  function set(part: Partial<T>) {
    const next = { ...values, ...part };
    setEdited(isSaved(next) ? undefined : { values: next, base });
  }
  function save(onSaved?: (changed: Integration) => void) {
    const done = (changed: Integration) => {
      setEdited(undefined);
      say({ text: words.saved, tone: "ok" });
      onSaved?.(changed);
    };
    change.send(patch(values), done, problem.set);
  }
  return {
    values,
    set,
    problem,
    isChanged: !isSaved(values),
    isPending: change.isPending,
    conflict: change.conflict,
    save,
  };
}
