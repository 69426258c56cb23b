export type UrlFault = "http" | "hostless" | "user" | "fragment" | "port";

const PORTS = ["", "443", "80", "8443"];

/**
 * The first fault of an endpoint's URL that can be seen while it is typed; null where there is none. The server's
 * word counts: it also looks at the address behind the name.
 */
export function urlFault(text: string, plainHttp: boolean): UrlFault | null {
  const url = URL.parse(text.trim());
  if (!url?.hostname) return "hostless";
  if (url.protocol !== "https:" && !(plainHttp && url.protocol === "http:")) return "http";
  if (url.username || url.password) return "user";
  if (text.includes("#")) return "fragment";
  return PORTS.includes(url.port) ? null : "port";
}
