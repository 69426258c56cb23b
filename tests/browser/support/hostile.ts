import { request } from "node:http";
import { type Api, items, type Row } from "./api.ts";
import { NAMES, PAYLOADS, type Payload } from "./payloads.ts";

/** A workspace in which everything that others can name or send is one of the payloads. */
export type Hostile = {
  origins: string[];
  integrations: string[];
  /** By the form of their bodies, each of which holds every payload that the form can hold. */
  webhooks: Record<Form, string>;
  rules: string[];
  endpoints: string[];
  /** A delivery whose receiver answered with payloads until it was suspended. */
  failed: string;
  /** A delivery of the event whose data has payloads as keys and as values. */
  sent: string;
};

export const FORMS = ["values", "keys", "half", "form", "xml", "text"] as const;
export type Form = (typeof FORMS)[number];

const all = PAYLOADS.map(({ text }) => text);
/** JSON and UTF-8 have no place for half of a pair, and a long text hides what comes after it. */
export const SENT = PAYLOADS.filter(({ text }) => text.isWellFormed() && text.length < 1_000);
const sent = SENT.map(({ text }) => text);

/** Runs at most eight at a time. */
async function each<T, R>(list: readonly T[], run: (item: T, at: number) => Promise<R>) {
  const results: R[] = [];
  const waiting = [...list.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      results[next[0]] = await run(next[1], next[0]);
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return results;
}

/** Creates a row of each payload that may be a name; of the others each has to be refused. */
async function ofEach(create: (payload: Payload, at: number) => Promise<Row>): Promise<Row[]> {
  const made = await each(PAYLOADS, async (payload, at) => {
    const row = await create(payload, at).catch((error: Error) => error);
    const refused = row instanceof Error && /: 4(00|22) /.test(row.message);
    if (row instanceof Error && !refused) throw row;
    if (refused !== payload.refused) {
      throw new Error(
        `${JSON.stringify(payload.text.slice(0, 80))} was ${refused ? "" : "not "}refused`,
      );
    }
    return row;
  });
  return made.filter((row): row is Row => !(row instanceof Error));
}

const ids = (rows: readonly Row[]) => rows.map(({ id }) => id);
const typeOf = (at: number) => `hostile.p${at}`;

export async function seedHostile(api: Api, inbox: string): Promise<Hostile> {
  const at = (name: string) => inbox.replace("inbox.", `${name}.`);
  await api.put("/_local/inbox/angry", { status: 500, body: sent.toReversed().join("\n") });
  const endpoints = await ofEach(({ text }) =>
    api.post("/v1/endpoints", {
      name: text,
      url: `${at("hostile")}?x=${encodeURIComponent(text.toWellFormed().slice(0, 200))}`,
      headers: /^[ -~]{1,500}$/.test(text) ? [{ name: "x-hostile", value: text }] : [],
    }),
  );
  const angry = await api.post("/v1/endpoints", {
    name: NAMES[2]?.text,
    url: at("angry"),
    policy: { waits: [1, 1], suspension: { scope: "endpoint", trip: { streak: { failures: 2 } } } },
  });
  const rules = await ofEach(({ text }, number) =>
    api.post("/v1/rules", {
      name: text,
      filter: {
        types: [typeOf(number)],
        condition: { is: { path: "x", op: "ne", value: `not ${text}` } },
      },
      target: { endpoint: endpoints[0]?.id },
      method: "POST",
      body: "standard",
    }),
  );
  await api.post("/v1/rules", {
    name: NAMES[3]?.text,
    filter: { types: [typeOf(0)] },
    target: { endpoint: angry.id },
    method: "POST",
    body: "standard",
  });
  const since = Date.now();
  const origins = await ofEach(({ text }) =>
    api.post("/v1/origins", { name: text, stages: ["x", text] }),
  );
  await nameEverything(api);
  const origin = origins[0]?.id ?? "";
  const integrations = await ofEach(({ text }) =>
    api.post("/v1/integrations", {
      origin,
      application: "webhook",
      name: text,
      tag: text,
      mapping: MAPPING,
    }),
  );
  const webhooks = await sendWebhooks(api, integrations[0]?.id ?? "");
  // A rule takes effect within five seconds (D21); no request shows when.
  await new Promise((go) => setTimeout(go, Math.max(0, 5_500 - (Date.now() - since))));
  const deliveries = await publish(api);
  await api.until(`/v1/endpoints/${angry.id}`, (row) => row.state === "suspended");
  const [failed] = items(await api.get(`/v1/deliveries?endpoint=${angry.id}`));
  await api.until(
    `/v1/origins/${origin}/webhooks?status=pending&limit=1`,
    (page) => page.count === 0,
  );
  return {
    origins: ids(origins),
    integrations: ids(integrations),
    webhooks,
    rules: ids(rules),
    endpoints: [...ids(endpoints), angry.id],
    failed: failed?.id ?? "",
    sent: deliveries[0]?.id ?? "",
  };
}

/** The mapping reads payloads into everything that a contact and a deal have. */
const MAPPING = {
  fields: [
    { target: "contact.name", path: "$.p2" },
    { target: "contact.email", constant: "ana@example.com" },
    { target: "deal.title", path: "$.p0" },
    { target: "deal.tags", path: "$.p4" },
    { target: "contact.custom.field_0", path: "$.p5" },
  ],
  keys: ["$.p1", "$.p23"],
};

/** Names the workspace, its tags and its fields one after the other; the last name stays. */
async function nameEverything(api: Api): Promise<void> {
  await ofEach(async ({ text }, at) => {
    const field = { label: text, entity: "contact", kind: "text" };
    return api.patchAnyVersion("/v1/workspace", {
      custom_fields: { [`field_${at}`]: field },
    });
  });
  await ofEach(({ text }) => api.patchAnyVersion("/v1/workspace", { name: text, tags: [text] }));
  const tags = NAMES.map(({ text }) => text);
  await api.patchAnyVersion("/v1/workspace", { name: NAMES[2]?.text, tags });
}

/** Sends every payload in bodies of every form; returns the ids of the webhooks. */
async function sendWebhooks(api: Api, integration: string): Promise<Record<Form, string>> {
  const { url } = await api.get(`/v1/integrations/${integration}/url`);
  const values = Object.fromEntries(sent.map((text, at) => [`p${at}`, text]));
  const keys = Object.fromEntries(sent.map((text, at) => [text, `k${at}`]));
  const bodies: Record<Form, [type: string, body: string]> = {
    values: ["application/json", JSON.stringify(values)],
    keys: ["application/json", JSON.stringify(keys)],
    half: ["application/json", JSON.stringify(all)],
    form: ["application/x-www-form-urlencoded", new URLSearchParams(values).toString()],
    xml: ["application/xml", `<r>${sent.map((text) => `<p>${escapeXml(text)}</p>`).join("")}</r>`],
    text: ["text/html", sent.join("\n")],
  };
  const made = await each(FORMS, async (form): Promise<[Form, string]> => {
    const [type, body] = bodies[form];
    return [form, await postRaw(String(url), type, body)];
  });
  return Object.fromEntries(made) as Record<Form, string>;
}

/** XML has no place for most controls; those are sent as they are, which makes the body unreadable. */
const escapeXml = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("]]>", "]]&gt;");

/** Posts as a careless sender does: the payloads stand in headers and in the query too. */
function postRaw(url: string, type: string, body: string): Promise<string> {
  const target = new URL(url);
  const headers: Record<string, string> = { "content-type": type, "x-__proto__": "constructor" };
  for (const [at, { text }] of NAMES.entries()) {
    target.searchParams.append(`q${at}`, text.slice(0, 60));
    headers[`x-hostile-${at}`] = Buffer.from(text.slice(0, 80), "utf8").toString("latin1");
  }
  return new Promise((resolve, reject) => {
    const sending = request(target, { method: "POST", headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("end", () => {
        const text = Buffer.concat(parts).toString();
        if (answer.statusCode !== 200) reject(new Error(`${answer.statusCode} ${text}`));
        else resolve((JSON.parse(text) as Row).id);
      });
    });
    sending.on("error", reject);
    sending.end(body);
  });
}

/** Publishes an event of each payload; returns the deliveries, the one with most data first. */
async function publish(api: Api): Promise<Row[]> {
  const data = Object.fromEntries(SENT.map(({ text }, at) => [text, { [`v${at}`]: text }]));
  await ofEach(({ text }, at) =>
    api.post("/v1/events", {
      type: typeOf(at),
      subject: text,
      subject_status: text.length > 9_000 ? text : text.slice(0, 64),
      id: text,
      data: { x: text, ...(at === 0 ? data : { [text]: text }) },
    }),
  );
  const path = "/v1/deliveries?state=success&limit=100";
  const page = await api.until(path, (found) => items(found).length >= NAMES.length);
  const first = items(page).filter(({ type }) => type === typeOf(0));
  return [...first, ...items(page)];
}
