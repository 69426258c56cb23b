import type { Schemas } from "../../api/configuration.ts";
import type { Condition } from "../../lib/condition.ts";

export type RuleValue = Schemas["Rule"];
export type NewRule = Schemas["NewRule"];
type MappedField = Schemas["MappedField"];

export type TargetKind = "endpoint" | "fresh" | "integration";

/** A rule under edit: everything that was typed, also of choices that are not in force. */
export interface RuleDraft {
  name: string;
  active: boolean;
  types: string[];
  origins: string[];
  stages: string[];
  statuses: Schemas["DealStatus"][];
  condition: Condition | null;
  target: TargetKind;
  endpoint: string | null;
  integration: string | null;
  fresh: { name: string; url: string };
  method: Schemas["RuleMethod"];
  isMapped: boolean;
  mapped: MappedField[];
}

export const EMPTY: RuleDraft = {
  name: "",
  active: true,
  types: [],
  origins: [],
  stages: [],
  statuses: [],
  condition: null,
  target: "endpoint",
  endpoint: null,
  integration: null,
  fresh: { name: "", url: "" },
  method: "POST",
  isMapped: false,
  mapped: [],
};

export function draftOf(rule: RuleValue): RuleDraft {
  const { filter, target, body } = rule;
  return {
    ...EMPTY,
    name: rule.name,
    active: rule.active,
    types: filter.types,
    origins: filter.origins ?? [],
    stages: filter.stages ?? [],
    statuses: filter.statuses ?? [],
    condition: filter.condition ?? null,
    target: "endpoint" in target ? "endpoint" : "integration",
    endpoint: "endpoint" in target ? target.endpoint : null,
    integration: "integration" in target ? target.integration.integration : null,
    method: rule.method,
    isMapped: body !== "standard",
    mapped: body === "standard" ? [] : body.mapped,
  };
}

/** The filter as the API takes it: what is empty is left out, and so is what the triggers do not know. */
export function filterOf(draft: RuleDraft): Schemas["RuleFilter"] {
  const isDeal = draft.types.some((type) => type.startsWith("deal."));
  return {
    types: draft.types,
    ...(isDeal && draft.origins.length > 0 ? { origins: draft.origins } : {}),
    ...(isDeal && draft.stages.length > 0 ? { stages: draft.stages } : {}),
    ...(isDeal && draft.statuses.length > 0 ? { statuses: draft.statuses } : {}),
    ...(draft.condition === null ? {} : { condition: draft.condition }),
  };
}

export function bodyOfDraft(draft: RuleDraft): Schemas["RuleBody"] {
  return draft.isMapped ? { mapped: draft.mapped } : "standard";
}

/** The rule as the API takes it, with a target that exists. */
export function ruleOf(draft: RuleDraft, target: Schemas["RuleTarget"]): NewRule {
  return {
    name: draft.name.trim(),
    active: draft.active,
    filter: filterOf(draft),
    target,
    method: draft.method,
    body: bodyOfDraft(draft),
  };
}

/** The settings of a rule that a person chooses, for differences. */
export function settingsOf(
  rule: RuleValue,
): Pick<RuleValue, "name" | "active" | "filter" | "target" | "method" | "body"> {
  const { name, active, filter, target, method, body } = rule;
  return { name, active, filter, target, method, body };
}
