import { createStore } from "../lib/store.ts";
import { ApiProblem, networkProblem, problemOf } from "./problem.ts";

export type Role = "viewer" | "operator" | "admin" | "owner";

export interface WorkspaceOfSession {
  id: string;
  name: string;
  time_zone: string;
  role: Role;
}

/** The answer of `GET /console/session`. */
export interface Session {
  person: { id: string; email: string; name: string | null } | null;
  key: { id: string; name: string } | null;
  owner: boolean;
  workspaces: WorkspaceOfSession[];
  sign_in: "cognito" | "oidc" | "keys" | "local";
  version: string;
}

export type SignIn = Session["sign_in"];

/**
 * `asking`: not known yet. `out`: nobody is signed in. `in`: somebody is. `ended`: the session ended
 * while the page was open, which keeps what was typed. `unreachable`: the console gave no answer.
 */
export type State =
  | { is: "asking" }
  | { is: "out"; signIn: SignIn; linkRefused?: boolean }
  | { is: "in"; session: Session }
  | { is: "ended"; session: Session }
  | { is: "unreachable"; problem: ApiProblem };

/** The reader; `null`: nobody, `undefined`: the state does not say. */
export function readerOf(state: State): string | null | undefined {
  if (state.is === "out") return null;
  if (state.is !== "in") return undefined;
  const { person, key } = state.session;
  return person?.id ?? key?.id ?? null;
}

export interface Token {
  token: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
  role: Role;
}

export type Credential = { key: string } | { link: string };

export interface SessionParts {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  now: () => number;
  /** Tells the other tabs of the browser that the session ended or began. */
  announce: (what: "in" | "out") => void;
}

interface Held {
  token: Token;
  /** Moment from which a new one is asked for: four fifths of its life. */
  renewAt: number;
}

const JSON_HEADERS = { "content-type": "application/json", "x-gancho": "console" };

export function createSession(parts: SessionParts) {
  const state = createStore<State>({ is: "asking" });
  const held = new Map<string, Held>();
  const renewals = new Map<string, Promise<Token>>();

  async function ask(url: string, init: RequestInit): Promise<Response> {
    let answer: Response;
    try {
      answer = await parts.fetch(url, { credentials: "same-origin", ...init });
    } catch {
      throw networkProblem();
    }
    if (answer.ok) return answer;
    throw problemOf(answer.status, answer.headers, await answer.text(), parts.now());
  }

  function forget(): void {
    held.clear();
    renewals.clear();
  }

  /** Asks who is signed in. */
  async function load(): Promise<void> {
    try {
      const answer = await parts.fetch("/console/session", { credentials: "same-origin" });
      if (answer.status === 401) {
        forget();
        state.set({ is: "out", signIn: signInOf(await answer.text()) });
        return;
      }
      const text = await answer.text();
      if (!answer.ok) throw problemOf(answer.status, answer.headers, text, parts.now());
      state.set({ is: "in", session: JSON.parse(text) as Session });
    } catch (error) {
      const problem = error instanceof ApiProblem ? error : networkProblem();
      if (state.get().is !== "in") state.set({ is: "unreachable", problem });
    }
  }

  async function signIn(credential: Credential): Promise<void> {
    await ask("/console/session", {
      method: "POST",
      headers: JSON_HEADERS,
      body: JSON.stringify(credential),
    });
    forget();
    await load();
    parts.announce("in");
  }

  /** Signs in with the code of the local link; where it no longer works, the sign-in screen says so. */
  async function enterByLink(link: string): Promise<void> {
    try {
      await signIn({ link });
    } catch {
      await load();
      const now = state.get();
      if (now.is === "out") state.set({ ...now, linkRefused: true });
    }
  }

  /** Ends the session. The result is the address that ends the issuer's session, if there is one. */
  async function signOut(): Promise<string | null> {
    const answer = await ask("/console/session", { method: "DELETE", headers: JSON_HEADERS });
    const { end } = (await answer.json()) as { end: string | null };
    forget();
    parts.announce("out");
    await load();
    return end;
  }

  function ended(): void {
    forget();
    const now = state.get();
    if (now.is === "in") state.set({ is: "ended", session: now.session });
  }

  async function fetchToken(workspace: string): Promise<Token> {
    try {
      const answer = await ask("/console/session/token", {
        method: "POST",
        headers: JSON_HEADERS,
        body: JSON.stringify({ workspace }),
      });
      const made = (await answer.json()) as { token: string; expires_at: string; role: Role };
      const token = { token: made.token, expiresAt: Date.parse(made.expires_at), role: made.role };
      const now = parts.now();
      held.set(workspace, { token, renewAt: now + (token.expiresAt - now) * 0.8 });
      return token;
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) ended();
      throw error;
    }
  }

  /**
   * The token of a workspace: the held one, or a new one, for which all requests wait together.
   * `refused` is a token that the gateway no longer takes.
   */
  async function token(workspace: string, refused: string | null = null): Promise<Token> {
    const under = renewals.get(workspace);
    if (under) return under;
    const now = held.get(workspace);
    if (now && now.token.token !== refused && parts.now() < now.renewAt) return now.token;
    const renewal = fetchToken(workspace).finally(() => renewals.delete(workspace));
    renewals.set(workspace, renewal);
    return renewal;
  }

  /** Asks for the token of a workspace of the reader before the first request that needs it. */
  function warm(workspace: string): void {
    const now = state.get();
    if (now.is !== "in" || !now.session.workspaces.some(({ id }) => id === workspace)) return;
    // A refusal is told by the request that needs the token.
    token(workspace).catch(() => {});
  }

  return { state, load, signIn, enterByLink, signOut, ended, token, warm };
}

const WAYS: readonly SignIn[] = ["cognito", "oidc", "keys", "local"];

/** The way to sign in that the answer of somebody unknown names; an API key works everywhere. */
function signInOf(body: string): SignIn {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== "object" || parsed === null || !("sign_in" in parsed)) return "keys";
    return WAYS.find((way) => way === parsed.sign_in) ?? "keys";
  } catch {
    return "keys";
  }
}

export type SessionApi = ReturnType<typeof createSession>;
