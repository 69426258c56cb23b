import type { ComponentType } from "react";
import { loadPart } from "./lib/loadPart.ts";
import { findRoute, type Match, matchPath } from "./lib/router/match.ts";
import { createRouter } from "./lib/router/router.ts";
import { createScreen, type Screen } from "./lib/router/screen.ts";
import { NotFound } from "./shell/NotFound.tsx";
import { Start } from "./shell/Start.tsx";

type Load = () => Promise<ComponentType>;

// The table of routes: one line a screen. Search parameters are read by each screen with
// `useAddress` and its own codec (`parse`, `write`) in screens/<name>/search.ts.
const outside: Record<string, Load> = {
  "/console": async () => Start,
  "/console/sign-in": () => import("./screens/sign-in/SignIn.tsx").then((m) => m.SignIn),
};

const ofPerson: Record<string, Load> = {
  "/console/me": () => import("./screens/me/Me.tsx").then((m) => m.Me),
};

const ofWorkspace: Record<string, Load> = {
  "/": () => import("./screens/home/Home.tsx").then((m) => m.Home),
  "/origins": () => import("./screens/origins/Origins.tsx").then((m) => m.Origins),
  "/origins/$origin/settings": () =>
    import("./screens/origin-settings/OriginSettings.tsx").then((m) => m.OriginSettings),
  "/origins/$origin/webhooks": () => import("./screens/history/History.tsx").then((m) => m.History),
  "/origins/$origin/webhooks/$webhook": () =>
    import("./screens/webhook/WebhookPage.tsx").then((m) => m.WebhookPage),
  "/integrations": () =>
    import("./screens/integrations/Integrations.tsx").then((m) => m.Integrations),
  "/integrations/new": () => import("./screens/wizard/Wizard.tsx").then((m) => m.Wizard),
  "/integrations/$integration": () =>
    import("./screens/integration/Integration.tsx").then((m) => m.Integration),
  "/rules": () => import("./screens/rules/Rules.tsx").then((m) => m.Rules),
  "/rules/new": () => import("./screens/rule/Rule.tsx").then((m) => m.NewRule),
  "/rules/$rule": () => import("./screens/rule/Rule.tsx").then((m) => m.Rule),
  "/event-types": () => import("./screens/event-types/EventTypes.tsx").then((m) => m.EventTypes),
  "/subjects": () => import("./screens/timeline/Timeline.tsx").then((m) => m.Timeline),
  "/jobs": () => import("./screens/jobs/Jobs.tsx").then((m) => m.Jobs),
  "/jobs/$job": () => import("./screens/jobs/JobPage.tsx").then((m) => m.JobPage),
  "/deliveries": () => import("./screens/deliveries/Deliveries.tsx").then((m) => m.Deliveries),
  "/deliveries/$delivery": () => import("./screens/delivery/Delivery.tsx").then((m) => m.Delivery),
  "/endpoints": () => import("./screens/endpoints/Endpoints.tsx").then((m) => m.Endpoints),
  "/endpoints/$endpoint": () => import("./screens/endpoint/Endpoint.tsx").then((m) => m.Endpoint),
  "/notices": () => import("./screens/notices/Notices.tsx").then((m) => m.Notices),
  "/settings/general": () => import("./screens/settings/General.tsx").then((m) => m.General),
  "/settings/recipients": () =>
    import("./screens/settings/Recipients.tsx").then((m) => m.Recipients),
  "/endpoints/new": () => import("./screens/endpoints/NewEndpoint.tsx").then((m) => m.NewEndpoint),
};

/** Paths below `/console/w/{ws}` whose screen is built; the sidebar shows only these. */
export const built = new Set(Object.keys(ofWorkspace));

/** A screen with its address. Screens of a workspace stand between its bars. */
export interface Route {
  pattern: string;
  screen: Screen;
  inWorkspace: boolean;
}

const WORKSPACE = "/console/w/$ws";

/** React Aria comes with the screens that use it, not with the entry. */
function withAria(load: Load): Load {
  return async () => {
    const [{ Aria }, Screen] = await Promise.all([import("./ui/Aria.tsx"), load()]);
    return () => (
      <Aria>
        <Screen />
      </Aria>
    );
  };
}

/** A screen is opened by leaving another: what was typed there is left with it. */
const screenOf = (load: Load) => createScreen(() => loadPart(load, true));

const routes: readonly Route[] = [
  ...Object.entries(outside).map(([pattern, load]) => ({
    pattern,
    screen: screenOf(load),
    inWorkspace: false,
  })),
  ...Object.entries(ofPerson).map(([pattern, load]) => ({
    pattern,
    screen: screenOf(withAria(load)),
    inWorkspace: false,
  })),
  ...Object.entries(ofWorkspace).map(([path, load]) => ({
    pattern: WORKSPACE + path,
    screen: screenOf(withAria(load)),
    inWorkspace: true,
  })),
];

/** An address without a screen; below a workspace its bars stay. */
function missing(pathname: string): Match<Route> {
  const params = matchPath(WORKSPACE, pathname.split("/").slice(0, 4).join("/"));
  const screen = createScreen(async () => NotFound);
  return {
    route: { pattern: pathname, screen, inWorkspace: params !== null },
    params: params ?? {},
  };
}

export const router = createRouter<Route>({
  browser: window,
  find: (pathname) => findRoute(routes, pathname) ?? missing(pathname),
  prepare: (route) => route.screen.load(),
});
