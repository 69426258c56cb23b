import type { settings as source } from "../pt/settings.ts";

export const settings: typeof source = {
  me: {
    title: "My account",
    description: "How Gancho looks in this browser. None of it changes what others see.",
    appearance: "Appearance",
    density: "Table density",
    normal: "Normal",
    compact: "Compact",
    times: "Times",
    relative: "Show times of the last 24 hours as “3 min ago”",
    keyboard: "Keyboard",
    shortcuts: "Single-letter shortcuts",
    shortcutsHint: "Such as g then w for the history. They never act in fields.",
    access: "What I may do",
    workspace: "Workspace",
    role: "Role",
    signedInAs: "Signed in as",
  },
};
