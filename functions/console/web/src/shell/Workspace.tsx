import { type ReactNode, useEffect } from "react";
import { useSession, WorkspaceProvider } from "../api/context.tsx";
import { changePreferences } from "../lib/preferences.ts";
import { useWords } from "../words/index.ts";
import { Message } from "./Message.tsx";
import { Shell } from "./Shell.tsx";
import { Splash } from "./Splash.tsx";

/** Everything below `/console/w/{ws}`: the client of that workspace, the bars, the screen. */
export function Workspace(props: { id: string; children: ReactNode }) {
  const state = useSession();
  const w = useWords().common;
  const session = state.is === "in" || state.is === "ended" ? state.session : null;
  const workspace = session?.workspaces.find((one) => one.id === props.id);
  const id = workspace?.id;
  useEffect(() => {
    if (id !== undefined) changePreferences({ lastWorkspace: id });
  }, [id]);
  if (!session) return <Splash />;
  if (!workspace) {
    return <Message title={w.problem.noWorkspace} text={w.problem.notFoundHint} home />;
  }
  return (
    <WorkspaceProvider workspace={workspace} key={workspace.id}>
      <Shell>{props.children}</Shell>
    </WorkspaceProvider>
  );
}
