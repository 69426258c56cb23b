/** A request of the API as a reader repeats it. */
export type ApiCall = {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Path and query, as the console asked for it. */
  path: string;
  body?: unknown;
};

/** A text for a POSIX shell, in which nothing is evaluated. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The request as `curl`, with `$KEY` in the place of the token. */
export function curlOf(call: ApiCall, origin: string): string {
  const parts = ["curl"];
  if (call.method !== "GET") parts.push("-X", call.method);
  parts.push(shellQuote(origin + call.path), '-H "Authorization: Bearer $KEY"');
  if (call.body !== undefined) {
    parts.push("-H 'content-type: application/json'", "-d", shellQuote(JSON.stringify(call.body)));
  }
  return parts.join(" ");
}

/** A request that Gancho sent to an endpoint, as `curl`. Masked values stay masked. */
export function curlOfRequest(request: {
  method?: string | null;
  url?: string | null;
  headers?: readonly { name: string; value: string }[];
  body?: string | null;
}): string {
  const parts = ["curl", "-X", request.method ?? "POST", shellQuote(request.url ?? "")];
  for (const { name, value } of request.headers ?? []) {
    // curl computes it from the body.
    if (name.toLowerCase() !== "content-length") parts.push("-H", shellQuote(`${name}: ${value}`));
  }
  if (request.body) parts.push("--data-binary", shellQuote(request.body));
  return parts.join(" ");
}
