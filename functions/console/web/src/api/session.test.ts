import assert from "node:assert/strict";
import { test } from "node:test";
import { createSession } from "./session.ts";

const START = Date.parse("2026-11-29T12:00:00Z");
const MINUTE = 60_000;

function opened(answer: (url: string, init: RequestInit) => Response | Promise<Response>) {
  let now = START;
  const asked: string[] = [];
  const said: string[] = [];
  const session = createSession({
    fetch: async (url, init) => {
      asked.push(`${init.method ?? "GET"} ${url}`);
      return answer(url, init);
    },
    now: () => now,
    announce: (what) => said.push(what),
  });
  return { session, asked, said, pass: (ms: number) => (now += ms), at: () => now };
}

const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });
const who = {
  person: null,
  key: { id: "key_1", name: "k" },
  owner: false,
  workspaces: [],
  sign_in: "local",
  version: "1",
};

/** Answers a new token each time, valid for 15 minutes. */
function tokens() {
  let made = 0;
  return () => {
    made += 1;
    const expires_at = new Date(START + 15 * MINUTE).toISOString();
    return json(200, { token: `gs_${made}`, expires_at, role: "admin" });
  };
}

test("nobody signed in: the screen knows the way in", async () => {
  const { session } = opened(() => json(401, { sign_in: "local", version: "1" }));
  await session.load();
  assert.deepEqual(session.state.get(), { is: "out", signIn: "local" });
});

test("an answer of 401 that names no way offers the API key", async () => {
  const { session } = opened(() => json(401, { message: "Unauthorized" }));
  await session.load();
  assert.deepEqual(session.state.get(), { is: "out", signIn: "keys" });
});

test("the token of the address is asked for before a request needs it, of an own workspace only", async () => {
  const next = tokens();
  const workspaces = [{ id: "ws_1", name: "w", time_zone: "UTC", role: "admin" }];
  const { session, asked } = opened((url) =>
    url.endsWith("/token") ? next() : json(200, { ...who, workspaces }),
  );
  session.warm("ws_1");
  assert.deepEqual(asked, []);
  await session.load();
  session.warm("ws_2");
  session.warm("ws_1");
  const { token } = await session.token("ws_1");
  assert.deepEqual(asked, ["GET /console/session", "POST /console/session/token"]);
  assert.equal(token, "gs_1");
});

test("all requests wait for one renewal", async () => {
  const next = tokens();
  const { session, asked } = opened(next);
  const got = await Promise.all([
    session.token("ws_1"),
    session.token("ws_1"),
    session.token("ws_1"),
  ]);
  assert.deepEqual(
    got.map((one) => one.token),
    ["gs_1", "gs_1", "gs_1"],
  );
  assert.equal(asked.length, 1);
});

test("a token is renewed at four fifths of its life, not before", async () => {
  const { session, pass } = opened(tokens());
  assert.equal((await session.token("ws_1")).token, "gs_1");
  pass(12 * MINUTE - 1);
  assert.equal((await session.token("ws_1")).token, "gs_1");
  pass(1);
  assert.equal((await session.token("ws_1")).token, "gs_2");
});

test("a token that was refused is renewed once, whoever had it", async () => {
  const { session, asked } = opened(tokens());
  await session.token("ws_1");
  const [a, b] = await Promise.all([session.token("ws_1", "gs_1"), session.token("ws_1", "gs_1")]);
  assert.deepEqual([a?.token, b?.token], ["gs_2", "gs_2"]);
  assert.equal((await session.token("ws_1", "gs_1")).token, "gs_2");
  assert.equal(asked.length, 2);
});

test("each workspace has its own token", async () => {
  const { session } = opened(tokens());
  const [a, b] = await Promise.all([session.token("ws_1"), session.token("ws_2")]);
  assert.notEqual(a?.token, b?.token);
});

test("a session that ended keeps the page and says so", async () => {
  const { session } = opened((url) =>
    url.endsWith("/token") ? json(401, { message: "Unauthorized" }) : json(200, who),
  );
  await session.load();
  await assert.rejects(session.token("ws_1"));
  assert.equal(session.state.get().is, "ended");
});

test("signing in sends the header of the console and tells the other tabs", async () => {
  const heads: (string | null)[] = [];
  const { session, said } = opened((_, init) => {
    if (init.method === "POST") heads.push(new Headers(init.headers).get("x-gancho"));
    return json(200, who);
  });
  await session.signIn({ key: "gk_1" });
  assert.deepEqual(heads, ["console"]);
  assert.deepEqual(said, ["in"]);
  assert.equal(session.state.get().is, "in");
});

test("a link that no longer works leaves the sign-in screen with the reason", async () => {
  const { session } = opened(() => json(401, { sign_in: "local", version: "1" }));
  await session.enterByLink("old");
  assert.deepEqual(session.state.get(), { is: "out", signIn: "local", linkRefused: true });
});

test("no answer at the beginning is not a sign-out", async () => {
  const { session } = opened(() => Promise.reject(new TypeError("failed to fetch")));
  await session.load();
  assert.equal(session.state.get().is, "unreachable");
});
