import { Outlet, useLocation, useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { RouterProvider } from "react-aria-components";
import { useSession } from "../api/context.tsx";
import { paths } from "../lib/paths.ts";
import { EndedSession } from "./EndedSession.tsx";
import { OfflineBar } from "./OfflineBar.tsx";
import { Splash } from "./Splash.tsx";
import { Unreachable } from "./Unreachable.tsx";

/** Everything below the address: links of React Aria go through the router, and nobody stays out unseen. */
export function Root() {
  const router = useRouter();
  return (
    <RouterProvider navigate={(href) => void router.navigate({ href })}>
      <OfflineBar />
      <Door />
    </RouterProvider>
  );
}

function Door() {
  const state = useSession();
  const router = useRouter();
  const { href, pathname } = useLocation();
  const atSignIn = pathname === "/console/sign-in";
  const leave = state.is === "out" && !atSignIn;
  useEffect(() => {
    if (leave) void router.navigate({ href: paths.signIn(href), replace: true });
  }, [leave, href, router]);
  if (state.is === "asking" || leave) return <Splash />;
  if (state.is === "unreachable") return <Unreachable problem={state.problem} />;
  return (
    <>
      <Outlet />
      {state.is === "ended" && !atSignIn && <EndedSession session={state.session} />}
    </>
  );
}
