import { useEndpoints, useIntegrations, useOrigins, useRules } from "../api/configuration.ts";
import { useClient, useMay, useSession, useWorkspace } from "../api/context.tsx";
import { plainText } from "../lib/foreign.ts";
import { kindOfId } from "../lib/ids.ts";
import { type Goal, goalsOf, nameMatches } from "../lib/palette.ts";
import { paths } from "../lib/paths.ts";
import { changePreferences } from "../lib/preferences.ts";
import { inParallel } from "../lib/rehearse.ts";
import { useRouter } from "../lib/router/hooks.ts";
import { built } from "../routes.tsx";
import type { IconName } from "../ui/Icon.tsx";
import { say } from "../ui/toasts.ts";
import { useWords } from "../words/index.ts";
import { showKeys } from "./Keys.tsx";
import type { Nav } from "./useNav.ts";

export interface PaletteItem {
  readonly id: string;
  readonly label: string;
  readonly about?: string;
  readonly icon: IconName;
  readonly run: () => void;
}

export interface PaletteGroup {
  readonly id: "found" | "screens" | "names" | "actions";
  readonly items: readonly PaletteItem[];
}

const MOST_NAMES = 12;
const MOST_ORIGINS = 50;
const TOGETHER = 8;

/** The palette's offers for a typed text. */
export function usePaletteItems(typed: string, nav: Nav): PaletteGroup[] {
  const { common } = useWords();
  const router = useRouter();
  const go = (href: string) => () => void router.navigate({ href });
  const found = useFound(typed, go);
  const names = useNames(go).filter((item) => nameMatches(item.label, typed));
  const actions = useActions(go).filter((item) => nameMatches(item.label, typed));
  const screens = [...nav.groups.flatMap((group) => group.items), ...nav.bottom]
    .map((item) => ({
      id: `screen ${item.path}`,
      label: common.nav[item.key],
      icon: item.icon,
      run: go(nav.href(item)),
    }))
    .filter((item) => nameMatches(item.label, typed));
  const rest: PaletteGroup[] = [
    { id: "screens", items: screens },
    { id: "names", items: typed.trim() === "" ? [] : names.slice(0, MOST_NAMES) },
    { id: "actions", items: actions },
  ];
  const finding: PaletteGroup = { id: "found", items: found };
  // What has the name that was typed comes before what may be found by it; an id has no name.
  const groups = kindOfId(typed) === null ? [...rest, finding] : [finding, ...rest];
  return groups.filter((group) => group.items.length > 0);
}

type Go = (href: string) => () => void;

function useFound(typed: string, go: Go): PaletteItem[] {
  const { palette: w } = useWords();
  const ws = useWorkspace().id;
  const origins = useOrigins().data ?? [];
  const openWebhook = useOpenWebhook();
  const text = plainText(typed.trim(), 60);
  const item = (goal: Goal): PaletteItem => {
    switch (goal.kind) {
      case "go":
        return { id: "go", label: w.go[goal.what], about: text, icon: "right", run: go(goal.href) };
      case "webhook":
        return {
          id: "webhook",
          label: w.webhook,
          about: text,
          icon: "download",
          run: () => void openWebhook(goal.id),
        };
      case "webhooks":
        return {
          id: `webhooks ${goal.origin}`,
          label: w.webhooks(text, goal.name),
          icon: "download",
          run: go(goal.href),
        };
      case "timeline":
        return { id: "timeline", label: w.timeline(text), icon: "clock", run: go(goal.href) };
      case "deliveries":
        return { id: "deliveries", label: w.deliveries(text), icon: "send", run: go(goal.href) };
      case "contacts":
        return { id: "contacts", label: w.contacts(text), icon: "info", run: go(goal.href) };
    }
  };
  // A screen that is not built yet is not offered.
  const leads = (goal: Goal) =>
    (goal.kind !== "contacts" || built.has("/contacts")) &&
    (goal.kind !== "deliveries" || built.has("/deliveries"));
  return goalsOf(typed, ws, origins.slice(0, MOST_ORIGINS)).filter(leads).map(item);
}

/** A webhook's id does not say its origin: each is asked, eight at a time. */
function useOpenWebhook() {
  const client = useClient();
  const router = useRouter();
  const { palette: w } = useWords();
  const origins = useOrigins().data ?? [];
  return async (id: string) => {
    const found = new AbortController();
    await inParallel(
      origins.slice(0, MOST_ORIGINS),
      TOGETHER,
      (origin) =>
        client
          .get("/v1/origins/{origin}/webhooks/{webhook}", {
            path: { origin: origin.id, webhook: id },
            signal: found.signal,
          })
          .then(
            () => true,
            () => false,
          ),
      (origin, isThere) => {
        if (!isThere) return;
        void router.navigate({ href: paths.webhook(client.workspace, origin.id, id) });
        found.abort();
      },
      found.signal,
    );
    if (!found.signal.aborted) say({ text: w.noWebhook, tone: "bad" });
  };
}

function useNames(go: Go): PaletteItem[] {
  const { palette: w } = useWords();
  const ws = useWorkspace().id;
  const named = (
    kind: keyof typeof w.kinds,
    icon: IconName,
    list: readonly { id: string; name: string }[] | undefined,
    href: (id: string) => string,
  ): PaletteItem[] =>
    (list ?? []).map(({ id, name }) => ({
      id,
      label: plainText(name),
      about: w.kinds[kind],
      icon,
      run: go(href(id)),
    }));
  return [
    ...named("origin", "open", useOrigins().data, (id) => paths.history(ws, id)),
    ...named("integration", "link", useIntegrations().data, (id) => paths.integration(ws, id)),
    ...named("endpoint", "right", useEndpoints().data, (id) => paths.endpoint(ws, id)),
    ...named("rule", "code", useRules().data, (id) => paths.rule(ws, id)),
  ];
}

function useActions(go: Go): PaletteItem[] {
  const { palette: w, keys } = useWords();
  const ws = useWorkspace().id;
  const isAdmin = useMay("admin");
  const state = useSession();
  const others =
    state.is === "in" ? state.session.workspaces.filter((workspace) => workspace.id !== ws) : [];
  const { actions } = w;
  return [
    ...(isAdmin
      ? [
          {
            id: "new integration",
            label: actions.newIntegration,
            icon: "plus" as const,
            run: go(paths.newIntegration(ws)),
          },
          {
            id: "new rule",
            label: actions.newRule,
            icon: "plus" as const,
            run: go(paths.newRule(ws)),
          },
        ]
      : []),
    { id: "keys", label: keys.title, icon: "list", run: showKeys },
    {
      id: "dark",
      label: actions.dark,
      icon: "gear",
      run: () => changePreferences({ theme: "dark" }),
    },
    {
      id: "light",
      label: actions.light,
      icon: "gear",
      run: () => changePreferences({ theme: "light" }),
    },
    ...others.map((workspace) => ({
      id: workspace.id,
      label: actions.switchTo(plainText(workspace.name)),
      icon: "open" as const,
      run: go(paths.home(workspace.id)),
    })),
  ];
}
