import { differing, isSame } from "../../lib/diff.ts";

/** Compares and names the settings of a resource. */
export interface Description<R> {
  /** The settings that are compared, in the order of their form. */
  of: (resource: R) => Readonly<Record<string, unknown>>;
  /** True of a field that is compared as one. */
  isWhole?: (path: string) => boolean;
  label: (path: string) => string;
  /** The value in words; without them it is shown as it is. */
  text?: (path: string, value: unknown) => string | undefined;
}

/** A field that is not the same in the version that was opened, the newest one, and the reader's. */
export interface ConflictField {
  readonly path: string;
  readonly opened: unknown;
  readonly theirs: unknown;
  readonly mine: unknown;
  /** Somebody else changed it since it was opened. */
  readonly isTheirs: boolean;
}

/** The fields that somebody else or the reader changed. */
export function conflictFields(
  opened: unknown,
  theirs: unknown,
  mine: unknown,
  isWhole?: (path: string) => boolean,
): ConflictField[] {
  return differing([opened, theirs, mine], isWhole).map(({ path, values }) => ({
    path,
    opened: values[0],
    theirs: values[1],
    mine: values[2],
    isTheirs: !isSame(values[0], values[1]),
  }));
}

/** True where the reader has nothing to choose: nobody else changed these fields, or both sides want the same. */
export function isDecided(fields: readonly ConflictField[]): boolean {
  return (
    fields.every((field) => !field.isTheirs) ||
    fields.every((field) => isSame(field.theirs, field.mine))
  );
}

/**
 * The part of a change that changes something: what is as it was read is left out, so that a change sent again over
 * somebody else's version leaves alone what the reader did not touch.
 */
export function changedPart<P extends object>(change: P, read: object): Partial<P> {
  const before = new Map<string, unknown>(Object.entries(read));
  const kept: Partial<P> = { ...change };
  for (const key of Object.keys(change) as (keyof P & string)[]) {
    if (isSame(change[key], before.get(key))) delete kept[key];
  }
  return kept;
}
