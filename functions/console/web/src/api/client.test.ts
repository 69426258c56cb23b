import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, createClient } from "./client.ts";
import { ApiProblem } from "./problem.ts";

type Asked = { url: string; init: RequestInit };

function around(answers: (Response | Error)[]) {
  const asked: Asked[] = [];
  const refused: (string | null)[] = [];
  let token = 0;
  const client = createClient("ws_1", {
    fetch: async (url, init) => {
      asked.push({ url, init });
      const answer = answers.shift();
      if (!answer) throw new Error("one request too many");
      if (answer instanceof Error) throw answer;
      return answer;
    },
    token: async (last) => {
      refused.push(last);
      if (last !== null) token += 1;
      return `gs_${token}`;
    },
    language: () => "pt-BR",
    now: () => 0,
  });
  return { client, asked, refused };
}

const json = (status: number, body: unknown, type = "application/json") =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": type } });
const header = (asked: Asked | undefined, name: string) =>
  new Headers(asked?.init.headers).get(name);

test("path parameters are encoded, lists are joined, absent ones are left out", () => {
  const url = addressOf(
    "/v1/origins/{origin}/webhooks",
    { origin: "a/b" },
    { status: ["error", "pending"], q: "a b&c", from: undefined, cursor: null, application: [] },
  );
  assert.equal(url, "/v1/origins/a%2Fb/webhooks?status=error%2Cpending&q=a+b%26c");
});

test("a request carries token, language, version and idempotency key", async () => {
  const { client, asked } = around([json(200, { id: "ori_1" })]);
  await client.patch("/v1/origins/{origin}", {
    path: { origin: "ori_1" },
    body: { name: "Vendas" },
    version: 7,
    idempotencyKey: "k",
  });
  assert.equal(asked[0]?.init.method, "PATCH");
  assert.equal(header(asked[0], "authorization"), "Bearer gs_0");
  assert.equal(header(asked[0], "accept-language"), "pt-BR");
  assert.equal(header(asked[0], "if-match"), '"7"');
  assert.equal(header(asked[0], "idempotency-key"), "k");
  assert.equal(asked[0]?.init.body, '{"name":"Vendas"}');
});

test("the gateway's 401 renews the token once and repeats the request", async () => {
  const { client, asked, refused } = around([
    json(401, { message: "Unauthorized" }),
    json(200, { items: [] }),
  ]);
  await client.get("/v1/applications", {});
  assert.deepEqual(refused, [null, "gs_0"]);
  assert.equal(header(asked[1], "authorization"), "Bearer gs_1");
});

test("a second refusal is not repeated", async () => {
  const { client, asked } = around([
    json(403, { message: "Forbidden" }),
    json(403, { message: "Forbidden" }),
  ]);
  await assert.rejects(client.get("/v1/applications", {}), ApiProblem);
  assert.equal(asked.length, 2);
});

test("the role's 403 is problem+json and renews nothing", async () => {
  const body = { status: 403, code: "forbidden", detail: "no", title: "", type: "" };
  const { client, asked, refused } = around([json(403, body, "application/problem+json")]);
  await assert.rejects(client.get("/v1/keys", {}), { code: "forbidden" });
  assert.equal(asked.length, 1);
  assert.deepEqual(refused, [null]);
});

test("a request without an answer is a refusal of the network", async () => {
  const { client } = around([new TypeError("failed to fetch")]);
  await assert.rejects(client.get("/v1/applications", {}), { origin: "network", passing: true });
});

test("an abort is no refusal", async () => {
  const abort = new AbortController();
  abort.abort();
  const { client } = around([new DOMException("aborted", "AbortError")]);
  const asked = client.get("/v1/applications", { signal: abort.signal });
  await assert.rejects(asked, { name: "AbortError" });
});

test("503 says when to try again", async () => {
  const busy = new Response('{"message":"x"}', { status: 503, headers: { "retry-after": "9" } });
  const { client } = around([busy]);
  await assert.rejects(client.get("/v1/applications", {}), { status: 503, retryAfter: 9 });
});
