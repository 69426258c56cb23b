import { useMemo } from "react";
import { useOrigins } from "../api/configuration.ts";
import { useWorkspace } from "../api/context.tsx";
import { paths } from "../lib/paths.ts";
import { usePreferences } from "../lib/preferences.ts";
import { useLocation } from "../lib/router/hooks.ts";
import { built } from "../routes.tsx";
import {
  currentOf,
  groups,
  HISTORY_PATH,
  type NavGroup,
  type NavItem,
  settingsItem,
} from "./nav.ts";

/** The origin whose history the sidebar opens: the one used last, else the first. */
export function useLastOrigin(): string | null {
  const { id } = useWorkspace();
  const last = usePreferences().lastOrigin[id];
  const { data } = useOrigins();
  return data?.find((origin) => origin.id === last)?.id ?? data?.[0]?.id ?? null;
}

export interface Nav {
  groups: NavGroup[];
  bottom: NavItem[];
  current: string | null;
  href: (item: NavItem) => string;
}

/** The items of the left bar whose screens are built, with their addresses in this workspace. */
export function useNav(): Nav {
  const { id } = useWorkspace();
  const origin = useLastOrigin();
  const pathname = useLocation((place) => place.pathname);
  return useMemo(() => {
    const shown = (item: NavItem) => built.has(item.path);
    const prefix = `/console/w/${id}`;
    const below = pathname.startsWith(prefix) ? pathname.slice(prefix.length) || "/" : "";
    const kept = groups
      .map((group) => ({ ...group, items: group.items.filter(shown) }))
      .filter((group) => group.items.length > 0);
    const bottom = [settingsItem].filter(shown);
    return {
      groups: kept,
      bottom,
      current: currentOf(below, [...kept.flatMap((group) => group.items), ...bottom]),
      href: (item) => {
        if (item.path !== HISTORY_PATH) return prefix + item.path;
        return origin === null ? paths.origins(id) : paths.history(id, origin);
      },
    };
  }, [id, origin, pathname]);
}
