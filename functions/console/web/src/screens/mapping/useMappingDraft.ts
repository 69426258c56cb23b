import { useEffect, useReducer } from "react";
import {
  changeDraft,
  draftOf,
  type Mapping,
  type MappingDraft,
  mappingOf,
} from "../../lib/mappingDraft.ts";

const keyOf = (integration: string) => `gancho-mapping-${integration}`;

/** A draft that was left in this tab: paths and constants of a mapping, never data or secrets. */
function stored(integration: string): MappingDraft | undefined {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(keyOf(integration)) ?? "null");
    return isDraft(kept) ? kept : undefined;
  } catch {
    return undefined;
  }
}

function isDraft(value: unknown): value is MappingDraft {
  if (typeof value !== "object" || value === null) return false;
  return "fields" in value && Array.isArray(value.fields) && "keys" in value && "rest" in value;
}

/** The mapping under edit. It stays in this tab until it is saved or given up. */
export function useMappingDraft(integration: string, saved: Mapping) {
  const [draft, change] = useReducer(
    changeDraft,
    undefined,
    () => stored(integration) ?? draftOf(saved),
  );
  const mapping = mappingOf(draft);
  const isChanged = JSON.stringify(mapping) !== JSON.stringify(mappingOf(draftOf(saved)));

  useEffect(() => {
    if (isChanged) sessionStorage.setItem(keyOf(integration), JSON.stringify(draft));
    else sessionStorage.removeItem(keyOf(integration));
  }, [integration, draft, isChanged]);

  const reset = (to: Mapping = saved) => change({ kind: "replace", draft: draftOf(to) });
  return { draft, change, mapping, isChanged, reset };
}

export type MappingControl = ReturnType<typeof useMappingDraft>;
