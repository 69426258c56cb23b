import { createContext, type ReactNode, useContext, useMemo, useState } from "react";
import { preferences } from "../lib/preferences.ts";
import { useStore } from "../lib/store.ts";
import { type Client, createClient } from "./client.ts";
import { queryClient } from "./queries.ts";
import {
  createSession,
  type Role,
  readerOf,
  type State,
  type WorkspaceOfSession,
} from "./session.ts";

const otherTabs =
  typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("gancho-session");

export const session = createSession({
  fetch: (url, init) => fetch(url, init),
  now: () => Date.now(),
  announce: (what) => otherTabs?.postMessage(what),
});

let reader: string | null = null;
const isFailed = ({ state }: { state: { status: string } }) => state.status === "error";
session.state.subscribe(() => {
  const now = readerOf(session.state.get());
  if (now === undefined) return;
  // Nobody sees what another read. Who signs in again keeps the screen with what was typed on it, and
  // what failed meanwhile is read again.
  const failed = { type: "active", predicate: isFailed } as const;
  if (now === reader) void queryClient.refetchQueries(failed);
  else queryClient.clear();
  reader = now;
});

otherTabs?.addEventListener("message", () => void session.load());
// A page from the back-forward cache can show data of a session that ended meanwhile.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) void session.load();
});

export function useSession(): State {
  return useStore(session.state);
}

interface Here {
  client: Client;
  workspace: WorkspaceOfSession;
}

const HereContext = createContext<Here | null>(null);

/** Gives the screens below the client of one workspace. */
export function WorkspaceProvider(props: { workspace: WorkspaceOfSession; children: ReactNode }) {
  const { id } = props.workspace;
  const client = useMemo(
    () =>
      createClient(id, {
        fetch: (url, init) => fetch(url, init),
        token: async (refused) => (await session.token(id, refused)).token,
        language: () => (preferences.get().language === "pt" ? "pt-BR" : "en"),
        now: () => Date.now(),
      }),
    [id],
  );
  const value = useMemo(() => ({ client, workspace: props.workspace }), [client, props.workspace]);
  return <HereContext value={value}>{props.children}</HereContext>;
}

function useHere(): Here {
  const here = useContext(HereContext);
  if (!here) throw new Error("a screen of a workspace stands outside WorkspaceProvider");
  return here;
}

/** The client of the workspace in the address. */
export function useClient(): Client {
  return useHere().client;
}

/** The workspace in the address, with the role of the reader in it. */
export function useWorkspace(): WorkspaceOfSession {
  return useHere().workspace;
}

const RANK: Record<Role, number> = { viewer: 0, operator: 1, admin: 2, owner: 3 };

/** The reader's role allows what `least` allows. */
export function allows(role: Role, least: Role): boolean {
  return RANK[role] >= RANK[least];
}

/** The reader may do what needs the role `least` in this workspace. */
export function useMay(least: Role): boolean {
  return allows(useWorkspace().role, least);
}

/** A key for `Idempotency-Key` that stays the same as long as the dialog or form is open. */
export function useIdempotencyKey(): { key: string; renew: () => void } {
  const [key, setKey] = useState(() => crypto.randomUUID());
  return useMemo(() => ({ key, renew: () => setKey(crypto.randomUUID()) }), [key]);
}
