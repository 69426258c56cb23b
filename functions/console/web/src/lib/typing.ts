const TAKES_LETTERS =
  "input:not([type=checkbox], [type=radio]), textarea, select, [role=menu], [role=listbox], [role=searchbox]";

/** The press stands in a field, or in a part that finds its rows by typed letters. */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.isComposing) return true;
  const { target } = event;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest(TAKES_LETTERS) !== null) return true;
  return target.closest("[role=tree]") !== null && /^[\p{L}\p{N}_$]$/u.test(event.key);
}
