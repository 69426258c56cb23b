const KEY = "gancho-reloaded";
const APART = 10_000;

/** Reloads the page, unless it was reloaded for the same reason moments ago: a lost chunk must not loop. */
export function reloadOnce(): boolean {
  const last = Number(sessionStorage.getItem(KEY) ?? "0");
  if (Date.now() - last < APART) return false;
  sessionStorage.setItem(KEY, String(Date.now()));
  location.reload();
  return true;
}
