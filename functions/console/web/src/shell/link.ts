/** Takes the code of the local link (`#entrar=<code>`) out of the address. */
export function takeLink(): string | null {
  const match = /^#entrar=([A-Za-z0-9_-]+)$/.exec(location.hash);
  if (!match) return null;
  history.replaceState(history.state, "", location.pathname + location.search);
  return match[1] ?? null;
}
