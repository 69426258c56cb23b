import type { changes as source } from "../pt/changes.ts";

export const changes: typeof source = {
  title: "Somebody else saved before you",
  savedAt: "The current version was saved at",
  field: "Field",
  opened: "When opened",
  theirs: "Theirs",
  mine: "Mine",
  choose:
    "“Keep mine” saves your changes over the current version. “Take theirs” undoes what you changed.",
  keepMine: "Keep mine",
  takeTheirs: "Take theirs",
  inUse: "Still in use. Remove what depends on it first:",
  more: "and others",
  integration: "Integration",
  rule: "Rule",
  deal: "Deal",
};
