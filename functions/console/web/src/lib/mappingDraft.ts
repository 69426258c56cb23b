import type { components } from "../api/schema.d.ts";

export type Field = components["schemas"]["Field"];
export type Mapping = components["schemas"]["Mapping"];
export type Transform = components["schemas"]["Transform"];

/** A field of the mapping that is being edited, with a name of its own while its place changes. */
export interface DraftField {
  readonly id: string;
  readonly field: Field;
}

export interface MappingDraft {
  readonly fields: readonly DraftField[];
  readonly keys: readonly string[];
  /** The parts that the editor does not show and must not lose. */
  readonly rest: Omit<Mapping, "fields" | "keys">;
}

export const MOST_FIELDS = 100;
export const MOST_KEYS = 3;

/** A mapping in the form in which the editor sends it. */
export function tidied(mapping: Mapping): Mapping {
  return mappingOf(draftOf(mapping));
}

export function draftOf(mapping: Mapping): MappingDraft {
  const { fields = [], keys = [], ...rest } = mapping;
  return { fields: fields.map((field, i) => ({ id: `f${i}`, field })), keys, rest };
}

/** The mapping as the API takes it. Fields that have nothing to read yet are left out. */
export function mappingOf(draft: MappingDraft): Mapping {
  const fields = filled(draft).map(({ field }) => tidy(field));
  return { ...draft.rest, fields, keys: draft.keys.filter((key) => key.trim() !== "") };
}

/** The fields that `mappingOf` sends, in its order: the place of a refused field leads back to its row. */
export function filled(draft: MappingDraft): DraftField[] {
  return draft.fields.filter(({ field }) => !isVacant(field));
}

function isVacant(field: Field): boolean {
  const hasPaths = field.paths !== undefined && field.paths.length > 0;
  const hasSource = field.path?.trim() || hasPaths || field.template?.trim();
  return !hasSource && !isSet(field.constant) && !isSet(field.default);
}

export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Without what says nothing (an empty path, no transforms), and in one order, so that a difference shows changes. */
function tidy(field: Field): Field {
  const { target, from, path, paths, constant, default: otherwise, transforms, ...rest } = field;
  return {
    target,
    ...(from === undefined ? {} : { from }),
    ...(path?.trim() ? { path: path.trim() } : {}),
    ...(paths !== undefined && paths.length > 0 ? { paths } : {}),
    ...(constant === undefined || constant === null ? {} : { constant }),
    ...(otherwise === undefined || otherwise === null ? {} : { default: otherwise }),
    ...rest,
    ...(transforms !== undefined && transforms.length > 0 ? { transforms } : {}),
  };
}

export type DraftChange =
  | { readonly kind: "replace"; readonly draft: MappingDraft }
  | { readonly kind: "add"; readonly field: Field }
  | { readonly kind: "edit"; readonly id: string; readonly field: Field }
  | { readonly kind: "remove"; readonly id: string }
  | { readonly kind: "insert"; readonly at: number; readonly row: DraftField }
  | { readonly kind: "move"; readonly id: string; readonly to: number }
  | { readonly kind: "keys"; readonly keys: readonly string[] };

export function changeDraft(draft: MappingDraft, change: DraftChange): MappingDraft {
  const { fields } = draft;
  switch (change.kind) {
    case "replace":
      return change.draft;
    case "add":
      return { ...draft, fields: [...fields, { id: freshId(fields), field: change.field }] };
    case "edit": {
      const edited = fields.map((row) =>
        row.id === change.id ? { ...row, field: change.field } : row,
      );
      return { ...draft, fields: edited };
    }
    case "remove":
      return { ...draft, fields: fields.filter((row) => row.id !== change.id) };
    case "insert":
      return { ...draft, fields: fields.toSpliced(change.at, 0, change.row) };
    case "move": {
      const from = fields.findIndex((row) => row.id === change.id);
      const row = fields[from];
      if (row === undefined) return draft;
      const to = Math.max(0, Math.min(fields.length - 1, change.to));
      return { ...draft, fields: fields.toSpliced(from, 1).toSpliced(to, 0, row) };
    }
    case "keys":
      return { ...draft, keys: change.keys.slice(0, MOST_KEYS) };
  }
}

function freshId(fields: readonly DraftField[]): string {
  const taken = new Set(fields.map((row) => row.id));
  let number = fields.length;
  while (taken.has(`f${number}`)) number += 1;
  return `f${number}`;
}

/**
 * Puts a path into the row that was chosen for it, else into one of the same target without anything to read, else
 * into a new row.
 */
export function withPath(draft: MappingDraft, field: Field, row: string | undefined): MappingDraft {
  const same = draft.fields.find((one) => one.id === row) ?? vacantRow(draft, field.target);
  if (same === undefined) return changeDraft(draft, { kind: "add", field });
  const { constant: _, paths: __, template: ___, ...kept } = same.field;
  return changeDraft(draft, { kind: "edit", id: same.id, field: { ...kept, ...field } });
}

function vacantRow(draft: MappingDraft, target: string): DraftField | undefined {
  return draft.fields.find(({ field }) => field.target === target && isVacant(field));
}
