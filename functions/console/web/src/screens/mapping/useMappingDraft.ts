import { useEffect, useReducer, useState } from "react";
import {
  changeDraft,
  draftOf,
  type Mapping,
  type MappingDraft,
  mappingOf,
} from "../../lib/mappingDraft.ts";
import type { Integration } from "../integration/useChange.ts";

/** The version and the mapping that a draft was begun with. */
type Base = Pick<Integration, "version" | "mapping">;

interface Stored {
  draft: MappingDraft;
  base: Base;
}

const keyOf = (integration: string) => `gancho-mapping-${integration}`;

/** A draft that was left in this tab: paths and constants of a mapping, never data or secrets. */
function stored(integration: string): Stored | undefined {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(keyOf(integration)) ?? "null");
    return isStored(kept) ? kept : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isStored(value: unknown): value is Stored {
  if (!isRecord(value) || !isRecord(value.draft) || !isRecord(value.base)) return false;
  const { draft, base } = value;
  const isDraft = Array.isArray(draft.fields) && "keys" in draft && "rest" in draft;
  return isDraft && typeof base.version === "number" && isRecord(base.mapping);
}

const baseOf = ({ version, mapping }: Base): Base => ({ version, mapping });
const sent = (mapping: Mapping) => JSON.stringify(mappingOf(draftOf(mapping)));

/**
 * The mapping under edit. It stays in this tab until it is saved or given up, with the version that it was begun
 * with; until something is changed it follows the newest version.
 */
export function useMappingDraft(integration: Integration) {
  const { id } = integration;
  const [kept] = useState(() => stored(id));
  const [base, setBase] = useState<Base>(kept?.base ?? baseOf(integration));
  const [draft, change] = useReducer(
    changeDraft,
    undefined,
    () => kept?.draft ?? draftOf(integration.mapping),
  );
  const mapping = mappingOf(draft);
  const isChanged = JSON.stringify(mapping) !== sent(base.mapping);

  useEffect(() => {
    if (isChanged) sessionStorage.setItem(keyOf(id), JSON.stringify({ draft, base }));
    else sessionStorage.removeItem(keyOf(id));
  }, [id, draft, base, isChanged]);

  function reset(to: Base = integration) {
    setBase(baseOf(to));
    change({ kind: "replace", draft: draftOf(to.mapping) });
  }
  // A row without anything to read yet is no change, and is not taken away.
  const isBehind = !isChanged && integration.version > base.version;
  const isOther = isBehind && sent(integration.mapping) !== sent(base.mapping);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `reset` is made anew with each render.
  useEffect(() => {
    if (isOther) reset();
    else if (isBehind) setBase(baseOf(integration));
  }, [isOther, isBehind, integration]);
  return { draft, change, mapping, isChanged, base, reset };
}

export type MappingControl = ReturnType<typeof useMappingDraft>;
