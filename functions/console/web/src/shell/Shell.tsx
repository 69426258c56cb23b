import { lazy, type ReactNode, Suspense, useState } from "react";
import { useWorkspace } from "../api/context.tsx";
import { changePreferences, usePreferences } from "../lib/preferences.ts";
import { useLocation } from "../lib/router/hooks.ts";
import { useStore } from "../lib/store.ts";
import { Toasts } from "../ui/Toast.tsx";
import { ZoneProvider } from "../ui/zone.tsx";
import { useWords } from "../words/index.ts";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import { followed } from "./jobs.ts";
import { Keys } from "./Keys.tsx";
import { lazyOverlay } from "./lazyOverlay.tsx";
import { InShell } from "./Message.tsx";
import styles from "./Shell.module.css";
import { Sidebar } from "./Sidebar.tsx";
import { TopBar } from "./TopBar.tsx";
import { useNav } from "./useNav.ts";

const NavDrawer = lazyOverlay(async () => (await import("./NavDrawer.tsx")).NavDrawer);
const JobFollower = lazy(async () => ({
  default: (await import("./JobFollower.tsx")).JobFollower,
}));

/** The bars around every screen of a workspace. */
export function Shell({ children }: { children: ReactNode }) {
  const nav = useNav();
  const workspace = useWorkspace();
  const w = useWords().common;
  const { sidebarFolded } = usePreferences();
  const pathname = useLocation((place) => place.pathname);
  const following = useStore(followed).length > 0;
  const [drawer, setDrawer] = useState(false);
  return (
    <ZoneProvider zone={workspace.time_zone}>
      <div className={styles.shell} data-folded={sidebarFolded}>
        <a className={styles.skip} href="#content">
          {w.skip}
        </a>
        <div className={styles.side}>
          <Sidebar
            nav={nav}
            folded={sidebarFolded}
            onFold={() => changePreferences({ sidebarFolded: !sidebarFolded })}
          />
        </div>
        {drawer && <NavDrawer onClose={() => setDrawer(false)} nav={nav} />}
        <div className={styles.column}>
          <TopBar nav={nav} onMenu={() => setDrawer(true)} />
          <main id="content" tabIndex={-1} className={styles.content}>
            <InShell value={true}>
              <ErrorBoundary resetBy={pathname}>{children}</ErrorBoundary>
            </InShell>
          </main>
        </div>
        {following && (
          <Suspense>
            <JobFollower />
          </Suspense>
        )}
        <Keys nav={nav} />
        <Toasts />
      </div>
    </ZoneProvider>
  );
}
