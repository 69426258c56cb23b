import {
  useEndpoints,
  useEventTypes,
  useIntegrations,
  useOrigins,
} from "../../api/configuration.ts";
import type { Condition } from "../../lib/condition.ts";
import { useLanguage } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import type { Description } from "../changes/fields.ts";
import { useTypeLabel } from "../rules/typeLabel.ts";
import { conditionText } from "./conditionText.ts";
import { type RuleValue, settingsOf } from "./draft.ts";

/** The settings of a rule in the words of its editor. */
export function useRuleDescription(): Description<RuleValue> {
  const { rules: w } = useWords();
  const labels = useRuleLabels();
  const textOf = useNames();
  const fieldOf = useFieldLabel();
  return {
    of: comparedOf,
    isWhole: (path) => path === "condition",
    label: (path) => labels[path] ?? path,
    text: (path, value) => {
      if (path === "condition") {
        return value ? conditionText(value as Condition, w.condition) : undefined;
      }
      if (path === "body") return bodyText(value, w.bodies.standard, fieldOf);
      return textOf(path, value);
    },
  };
}

/** The settings side by side: each list and the body are one field. */
function comparedOf(rule: RuleValue) {
  const { name, active, filter, target, method, body } = settingsOf(rule);
  return {
    name,
    active,
    types: filter.types,
    origins: filter.origins ?? [],
    stages: filter.stages ?? [],
    statuses: filter.statuses ?? [],
    condition: filter.condition ?? null,
    target: "endpoint" in target ? target.endpoint : target.integration.integration,
    method,
    body: body === "standard" ? body : body.mapped,
  };
}

function useRuleLabels(): Readonly<Record<string, string>> {
  const { rules: w } = useWords();
  return {
    name: w.name,
    active: w.active,
    types: w.when.title,
    origins: w.when.origins,
    stages: w.when.stages,
    statuses: w.when.statuses,
    condition: w.condition.title,
    target: w.to.title,
    method: w.method,
    body: w.body,
  };
}

/** Names in the place of ids. */
function useNames() {
  const { parts } = useWords();
  const statuses: Readonly<Record<string, string>> = parts.deal;
  const typeLabel = useTypeLabel();
  const origins = useOrigins().data ?? [];
  const endpoints = useEndpoints().data ?? [];
  const integrations = useIntegrations().data ?? [];
  const stages = origins.flatMap((origin) => origin.stages);
  const nameIn = (all: readonly { id: string; name: string }[]) => (id: unknown) =>
    all.find((one) => one.id === id)?.name ?? String(id);
  const names: Readonly<Record<string, (id: unknown) => string>> = {
    types: (id) => typeLabel(String(id)),
    origins: nameIn(origins),
    stages: nameIn(stages),
    statuses: (id) => statuses[String(id)] ?? String(id),
    target: nameIn([...endpoints, ...integrations]),
  };
  return (path: string, value: unknown): string | undefined => {
    const name = names[path];
    if (name === undefined || value === undefined || value === null) return undefined;
    if (!Array.isArray(value)) return name(value);
    return value.length === 0 ? undefined : value.map(name).join(", ");
  };
}

/** The label of a field of an event, with its group: `Negócio: Título`. */
function useFieldLabel() {
  const language = useLanguage();
  const groups = (useEventTypes().data ?? []).flatMap((entry) => entry.groups);
  return (path: string): string => {
    for (const group of groups) {
      const field = group.fields.find((one) => one.path === path);
      if (field) return `${group.label[language]}: ${field.label[language]}`;
    }
    return path;
  };
}

function bodyText(value: unknown, standard: string, labelOf: (path: string) => string) {
  if (!Array.isArray(value)) return standard;
  const lines = value.map(
    (one: { from: string; to: string }) => `${labelOf(one.from)} → ${one.to}`,
  );
  return lines.join("\n");
}
