import { lazy, Suspense, useEffect } from "react";
import { useSession } from "../api/context.tsx";
import { paths } from "../lib/paths.ts";
import { useLocation, useRouter } from "../lib/router/hooks.ts";
import { useStore } from "../lib/store.ts";
import { router as routes } from "../routes.tsx";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import { OfflineBar } from "./OfflineBar.tsx";
import { ScreenFailed } from "./ScreenFailed.tsx";
import { Splash } from "./Splash.tsx";
import { Unreachable } from "./Unreachable.tsx";
import { Workspace } from "./Workspace.tsx";

const EndedSession = lazy(async () => ({
  default: (await import("./EndedSession.tsx")).EndedSession,
}));

/** Everything below the address: nobody stays out unseen, and each screen stands in its frame. */
export function Root() {
  return (
    <>
      <OfflineBar />
      <Door />
    </>
  );
}

function Door() {
  const state = useSession();
  const router = useRouter();
  const pathname = useLocation((place) => place.pathname);
  const search = useLocation((place) => place.search);
  const atSignIn = pathname === "/console/sign-in";
  const leave = state.is === "out" && !atSignIn;
  useEffect(() => {
    if (leave) void router.navigate({ href: paths.signIn(pathname + search), replace: true });
  }, [leave, pathname, search, router]);
  if (state.is === "asking" || leave) return <Splash />;
  if (state.is === "unreachable") return <Unreachable problem={state.problem} />;
  return (
    <>
      <ErrorBoundary resetBy={pathname}>
        <Framed />
      </ErrorBoundary>
      {state.is === "ended" && !atSignIn && (
        <Suspense>
          <EndedSession session={state.session} />
        </Suspense>
      )}
    </>
  );
}

/** The screen of the address, with the bars where it belongs to a workspace. */
function Framed() {
  const { match } = useStore(routes.shown);
  const loaded = match.route.screen.loaded();
  const screen = !loaded ? (
    <Splash />
  ) : "error" in loaded ? (
    <ScreenFailed error={loaded.error} reset={() => void routes.reload()} />
  ) : (
    <loaded.Component />
  );
  return match.route.inWorkspace ? (
    <Workspace id={match.params.ws ?? ""}>{screen}</Workspace>
  ) : (
    screen
  );
}
