import type { IconName } from "../ui/Icon.tsx";
import type { Words } from "../words/index.ts";

export type NavKey = Exclude<
  keyof Words["common"]["nav"],
  "main" | "fold" | "unfold" | "breadcrumb" | "running" | "workspace"
>;

export interface NavItem {
  key: NavKey;
  icon: IconName;
  /** The path below `/console/w/{ws}`; the history's has its origin filled in by the sidebar. */
  path: string;
}

export interface NavGroup {
  title?: NavKey;
  items: NavItem[];
}

export const HISTORY_PATH = "/origins/$origin/webhooks";

/** The left bar, from top to bottom. Items whose screen is not built are left out when it is drawn. */
export const groups: NavGroup[] = [
  { items: [{ key: "home", icon: "home", path: "/" }] },
  {
    title: "inbound",
    items: [
      { key: "history", icon: "download", path: HISTORY_PATH },
      { key: "integrations", icon: "link", path: "/integrations" },
      { key: "origins", icon: "layers", path: "/origins" },
    ],
  },
  {
    title: "customers",
    items: [
      { key: "contacts", icon: "info", path: "/contacts" },
      { key: "deals", icon: "check", path: "/deals" },
    ],
  },
  {
    title: "outbound",
    items: [
      { key: "deliveries", icon: "send", path: "/deliveries" },
      { key: "rules", icon: "branch", path: "/rules" },
      { key: "endpoints", icon: "globe", path: "/endpoints" },
      { key: "eventTypes", icon: "tag", path: "/event-types" },
    ],
  },
  {
    items: [
      { key: "timeline", icon: "clock", path: "/subjects" },
      { key: "notices", icon: "bell", path: "/notices" },
      { key: "jobs", icon: "retry", path: "/jobs" },
    ],
  },
];

export const settingsItem: NavItem = {
  key: "settings",
  icon: "gear",
  path: "/settings/general",
};

/** The item of a location: the longest path that the location begins with. */
export function currentOf(below: string, items: readonly NavItem[]): NavKey | null {
  if (/^\/origins\/[^/]+\/webhooks(\/|$)/.test(below)) return "history";
  let found: NavItem | null = null;
  for (const item of items) {
    const inside = below === item.path || below.startsWith(`${item.path.replace(/\/$/, "")}/`);
    if (
      inside &&
      (item.path !== "/" || below === "/") &&
      item.path.length > (found?.path.length ?? 0)
    ) {
      found = item;
    }
  }
  if (!found && below.startsWith("/settings/")) return "settings";
  return found?.key ?? null;
}
