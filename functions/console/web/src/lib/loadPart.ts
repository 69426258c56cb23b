import { networkProblem } from "../api/problem.ts";

/** A file of the console is gone: the tab is older than what is deployed. */
export class PartGone extends Error {
  override name = "PartGone";
}

const KEY = "gancho-reloaded";
/** Milliseconds within which a second reload for the same reason would be a loop. */
const APART = 10_000;

/**
 * Loads a part of the console. If its file is gone, the page reloads once, which brings the console that is deployed;
 * not where something typed would be lost, unless the screen with it is being left anyway.
 */
export async function loadPart<T>(load: () => Promise<T>, leaving: boolean): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!isLoadFailure(error)) throw error;
    // Without a network a reload would take away what is on the screen.
    if (!(await isServed())) throw networkProblem();
    if ((leaving || !isTyped()) && reloadOnce()) return new Promise(() => {});
    throw new PartGone();
  }
}

/** The words of Chromium, Firefox and Safari for a module that they could not get. */
function isLoadFailure(error: unknown): boolean {
  return error instanceof Error && /dynamically imported module|module script/i.test(error.message);
}

async function isServed(): Promise<boolean> {
  try {
    const { status } = await fetch("/console/session", { cache: "no-store" });
    return status < 500 && status !== 429;
  } catch {
    return false;
  }
}

function reloadOnce(): boolean {
  const last = Number(sessionStorage.getItem(KEY) ?? "0");
  if (Date.now() - last < APART) return false;
  sessionStorage.setItem(KEY, String(Date.now()));
  location.reload();
  return true;
}

type TextField = HTMLInputElement | HTMLTextAreaElement;

const typed = new Set<TextField>();

/** Remembers the fields in which something was typed. A search is in the address. */
export function followTyping(): void {
  const remember = ({ target }: Event) => {
    if (!(target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement)) return;
    if (target.type !== "search") typed.add(target);
  };
  document.addEventListener("input", remember, { capture: true });
}

function isTyped(): boolean {
  for (const field of typed) if (!field.isConnected) typed.delete(field);
  return [...typed].some((field) => field.value !== "");
}
