import { useMemo } from "react";
import { type Schemas, useWorkspaceSettings } from "../../api/configuration.ts";
import { plainText } from "../../lib/foreign.ts";
import { fits, namedTargets, type TargetKind } from "../../lib/propose.ts";
import { useWords, type Words } from "../../words/index.ts";

/** A field of a contact or a deal that a mapping can fill. */
export interface Target {
  readonly id: string;
  readonly label: string;
  readonly entity: "contact" | "deal";
  readonly kind: TargetKind;
}

const STANDARD = [
  ["contact.name", "contact", "text"],
  ["contact.email", "contact", "email"],
  ["contact.phone", "contact", "phone"],
  ["deal.title", "deal", "text"],
  ["deal.value", "deal", "number"],
  ["deal.stage", "deal", "text"],
  ["deal.status", "deal", "text"],
  ["deal.tags", "deal", "list"],
] as const;

type CustomFields = Schemas["Workspace"]["custom_fields"];

/** Every target: the standard fields of both entities, each followed by the workspace's own. */
export function targetsOf(words: Words, custom: CustomFields): Target[] {
  const standard: Target[] = STANDARD.map(([id, entity, kind]) => ({
    id,
    label: words.mapping.targets[id],
    entity,
    kind,
  }));
  const own: Target[] = Object.entries(custom ?? {}).map(([key, field]) => ({
    id: `${field.entity}.custom.${key}`,
    label: plainText(field.label),
    entity: field.entity,
    kind: field.kind,
  }));
  const of = (entity: Target["entity"]) =>
    [...standard, ...own].filter((target) => target.entity === entity);
  return [...of("contact"), ...of("deal")];
}

export function useTargets(): Target[] {
  const words = useWords();
  const settings = useWorkspaceSettings();
  const custom = settings.data?.custom_fields;
  return useMemo(() => targetsOf(words, custom ?? {}), [words, custom]);
}

/** The words for a target, with its entity: `Contato: E-mail`. An own field that is gone is named by its key. */
export function useTargetLabel(): (id: string) => string {
  const { mapping } = useWords();
  const targets = useTargets();
  return (id) => {
    const target = targets.find((one) => one.id === id) ?? ownTarget(id);
    return target === undefined
      ? id
      : mapping.target(mapping.entities[target.entity], target.label);
  };
}

function ownTarget(id: string): Pick<Target, "entity" | "label"> | undefined {
  const match = /^(contact|deal)\.custom\.(.+)$/.exec(id);
  if (match === null) return undefined;
  return { entity: match[1] === "deal" ? "deal" : "contact", label: match[2] ?? "" };
}

function score(target: Target, key: string, value: string): number {
  const fit = fits(target.kind, value);
  const isNamed = namedTargets(key).includes(target.id) || sameText(target.label, key);
  return (isNamed && fit > 0 ? 4 : 0) + fit;
}

function sameText(a: string, b: string): boolean {
  return a.localeCompare(b, undefined, { sensitivity: "base" }) === 0;
}

/** The targets with those first that the key and the form of a value speak for. */
export function byFit(targets: readonly Target[], key: string, value: string): Target[] {
  return targets.toSorted((a, b) => score(b, key, value) - score(a, key, value));
}

/** The target that is proposed: the one that fits by name or form, else the first that reads nothing yet. */
export function bestTarget(
  sorted: readonly Target[],
  key: string,
  value: string,
  taken: ReadonlySet<string>,
): Target | undefined {
  const [first] = sorted;
  if (first !== undefined && score(first, key, value) > 1) return first;
  return sorted.find((target) => !taken.has(target.id) && target.kind === "text") ?? first;
}
