import { isProblem } from "../../api/problem.ts";
import { type IdKind, kindOfId } from "../../lib/ids.ts";

/** The things that still use what was to be deleted or changed, as far as the refusal names them. */
export interface Dependents {
  readonly ids: readonly string[];
  /** There are more than those that are named. */
  readonly more: boolean;
}

const MORE = "...";
const KINDS: ReadonlySet<IdKind | null> = new Set(["integration", "rule", "deal"] as const);

/** The dependents of a refusal `has_dependents`; `undefined` where it is another one, or names none by its id. */
export function dependentsOf(error: unknown): Dependents | undefined {
  if (!isProblem(error) || error.code !== "has_dependents") return undefined;
  const names = (error.params.dependents ?? "").split(", ");
  const ids = names.filter((name) => name !== MORE);
  return ids.every((id) => KINDS.has(kindOfId(id)))
    ? { ids, more: names.includes(MORE) }
    : undefined;
}
