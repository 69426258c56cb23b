import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from "@tanstack/react-router";
import type { ComponentType } from "react";
import { parseQuery, writeQuery } from "./lib/search.ts";
import { NotFound } from "./shell/NotFound.tsx";
import { Root } from "./shell/Root.tsx";
import { ScreenFailed } from "./shell/ScreenFailed.tsx";
import { Start } from "./shell/Start.tsx";
import { Workspace } from "./shell/Workspace.tsx";

type Load = () => Promise<ComponentType>;

// The table of routes: one line a screen. Search parameters are read by each screen with
// `useAddress` and its own codec (`parse`, `write`) in screens/<name>/search.ts.
const outside: Record<string, Load> = {
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

const lazy = (load: Load) => lazyRouteComponent(async () => ({ default: await load() }));

const root = createRootRoute({ component: Root, notFoundComponent: NotFound });

const workspace = createRoute({
  getParentRoute: () => root,
  path: "/console/w/$ws",
  component: Workspace,
});

const start = createRoute({ getParentRoute: () => root, path: "/console", component: Start });

const tree = root.addChildren([
  start,
  ...Object.entries({ ...outside, ...ofPerson }).map(([path, load]) =>
    createRoute({ getParentRoute: () => root, path, component: lazy(load) }),
  ),
  workspace.addChildren(
    Object.entries(ofWorkspace).map(([path, load]) =>
      createRoute({ getParentRoute: () => workspace, path, component: lazy(load) }),
    ),
  ),
]);

export const router = createRouter({
  routeTree: tree,
  parseSearch: parseQuery,
  stringifySearch: writeQuery,
  scrollRestoration: true,
  defaultNotFoundComponent: NotFound,
  defaultErrorComponent: ScreenFailed,
  // The screen before stays until the chunk of the next one is there.
  defaultPendingMs: 400,
});
