import type { Host } from "./host.ts";

/** Any JSON object that the API answers. */
export type Row = { readonly [name: string]: unknown } & { readonly id: string };

/** A client of `/v1` that seeds a workspace and reads back what the screens show. */
export class Api {
  readonly #base: string;
  readonly #key: string;

  constructor(host: Pick<Host, "base" | "key">) {
    this.#base = host.base;
    this.#key = host.key;
  }

  get(path: string): Promise<Row> {
    return this.#send("GET", path);
  }

  post(path: string, body: unknown): Promise<Row> {
    return this.#send("POST", path, body);
  }

  put(path: string, body: unknown): Promise<Row> {
    return this.#send("PUT", path, body);
  }

  /** Changes the newest version. */
  async patch(path: string, body: unknown): Promise<Row> {
    const { version } = await this.get(path);
    return this.#send("PATCH", path, body, { "if-match": `"${version}"` });
  }

  /** Changes the newest version; a change by another request in between is tried again. */
  async patchAnyVersion(path: string, body: unknown): Promise<Row> {
    for (;;) {
      try {
        return await this.patch(path, body);
      } catch (error) {
        if (!(error instanceof Error && error.message.includes(": 409 "))) throw error;
      }
    }
  }

  /** Sends a webhook as its sender does; returns the id. */
  async webhook(url: string, body: unknown): Promise<string> {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
    return ((await answer.json()) as Row).id;
  }

  /** Asks until `holds` is true of the answer, at most for 30 s. */
  async until(path: string, holds: (row: Row) => boolean | Promise<boolean>): Promise<Row> {
    const end = Date.now() + 30_000;
    for (;;) {
      const row = await this.get(path);
      if (await holds(row)) return row;
      if (Date.now() > end) throw new Error(`${path} stayed ${JSON.stringify(row).slice(0, 2000)}`);
      await new Promise((go) => setTimeout(go, 100));
    }
  }

  async #send(method: string, path: string, body?: unknown, more?: object): Promise<Row> {
    const answer = await fetch(`${this.#base}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#key}`,
        "content-type": "application/json",
        ...more,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text === "" ? { id: "" } : JSON.parse(text)) as Row;
  }
}

/** The rows of a list's page. */
export function items(page: Row): Row[] {
  return Array.isArray(page.items) ? (page.items as Row[]) : [];
}
