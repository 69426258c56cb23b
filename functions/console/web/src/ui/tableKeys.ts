type Press = {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
};

/** The keys that open the menu of a row. */
export function rowMenuKey(press: Press): boolean {
  return press.key === "ContextMenu" || (press.key === "F10" && press.shiftKey);
}

/** The arrow that a letter stands for in a list; null for every other key. */
export function stepKey(press: Press): "ArrowDown" | "ArrowUp" | null {
  if (press.shiftKey || press.ctrlKey || press.altKey || press.metaKey) return null;
  if (press.key === "j") return "ArrowDown";
  return press.key === "k" ? "ArrowUp" : null;
}
