import { useEffect } from "react";
import { useSession } from "../api/context.tsx";
import { paths } from "../lib/paths.ts";
import { usePreferences } from "../lib/preferences.ts";
import { useRouter } from "../lib/router/hooks.ts";
import { NoWorkspace } from "./NoWorkspace.tsx";
import { Splash } from "./Splash.tsx";

/** `/console/`: leads to the workspace used last, else to the first. */
export function Start() {
  const state = useSession();
  const { lastWorkspace } = usePreferences();
  const router = useRouter();
  const known = state.is === "in" ? state.session.workspaces : [];
  const chosen = known.find((one) => one.id === lastWorkspace) ?? known[0];
  const goal = chosen ? paths.home(chosen.id) : null;
  useEffect(() => {
    if (goal !== null) void router.navigate({ href: goal, replace: true });
  }, [goal, router]);
  return state.is === "in" && goal === null ? <NoWorkspace session={state.session} /> : <Splash />;
}
