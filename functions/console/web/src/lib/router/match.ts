export type Params = Readonly<Record<string, string | undefined>>;

/** A route that matches a path, with the values of the parts that begin with `$` in its pattern. */
export interface Match<R> {
  route: R;
  params: Params;
}

/** The values of a pattern such as `/origins/$origin/webhooks` in a path; `null` where it does not match. */
export function matchPath(pattern: string, pathname: string): Params | null {
  const [wanted, given] = [partsOf(pattern), partsOf(pathname)];
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const value = decoded(given[at] ?? "");
    if (value === null) return null;
    if (part.startsWith("$")) params[part.slice(1)] = value;
    else if (part !== value) return null;
  }
  return params;
}

/** The first route whose pattern matches; a pattern without `$` goes before one with it. */
export function findRoute<R extends { pattern: string }>(
  routes: readonly R[],
  pathname: string,
): Match<R> | null {
  const plainFirst = [...routes].sort((a, b) => placesOf(a.pattern) - placesOf(b.pattern));
  for (const route of plainFirst) {
    const params = matchPath(route.pattern, pathname);
    if (params) return { route, params };
  }
  return null;
}

function partsOf(path: string): string[] {
  return path.split("/").filter(Boolean);
}

function placesOf(pattern: string): number {
  return partsOf(pattern).filter((part) => part.startsWith("$")).length;
}

/** A part of a path without its escapes; `null` where they are broken. */
function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
