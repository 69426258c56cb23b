import { type Field, type Mapping, tidied } from "../../lib/mappingDraft.ts";
import { shownCheck } from "./checks.ts";
import type { Integration, IntegrationPatch } from "./useChange.ts";

export type SettingName = keyof IntegrationPatch;

/** The settings of one form of an integration, as they are compared. A secret that was typed is not among them. */
export function compared(integration: Integration, names: readonly SettingName[]) {
  const all: Readonly<Record<string, unknown>> = { ...integration };
  return Object.fromEntries(
    names.map((name) => {
      if (name === "mapping") return [name, comparedMapping(integration.mapping)];
      if (name === "verification") return [name, integration.verification.map(comparedCheck)];
      return [name, all[name]];
    }),
  );
}

/** The fields by their target, so that a field that was moved is not another one. */
function comparedMapping(mapping: Mapping) {
  const { fields = [], ...rest } = tidied(mapping);
  const byTarget: Record<string, Field> = {};
  for (const field of fields) {
    let name = field.target;
    while (name in byTarget) name += " +";
    byTarget[name] = field;
  }
  return { fields: byTarget, ...rest };
}

function comparedCheck(check: Integration["verification"][number]) {
  const { type, detail, secrets } = shownCheck(check);
  const all: Readonly<Record<string, unknown>> = { ...check };
  const fresh = secrets.filter(({ field }) => typeof all[field] === "string");
  return { type, detail, fresh: fresh.map(({ field }) => field) };
}
