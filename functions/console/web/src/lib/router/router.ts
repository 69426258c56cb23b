import { createStore, type Store } from "../store.ts";
import type { Match } from "./match.ts";

/** An address of the console, in its parts. */
export interface Place {
  pathname: string;
  /** The query string with its question mark, or nothing. */
  search: string;
  /** Path, query string and fragment. */
  href: string;
}

/** The address that is shown, with the route that it belongs to. */
export interface Shown<R> extends Place {
  match: Match<R>;
}

export interface Step {
  href: string;
  /** Takes the place of the present entry of the history. */
  replace?: boolean;
  /** Leaves the page where it is scrolled to. */
  keepScroll?: boolean;
}

/** A leaving that waits for the reader's word. */
export interface Blocked {
  by: Guard;
  proceed: () => void;
  reset: () => void;
}

/** Decides whether a leaving has to wait. */
export type Guard = (from: Place, to: Place) => boolean;

/** The parts of a browser's window that the router uses. */
export interface Browser {
  history: Pick<History, "state" | "pushState" | "replaceState" | "go">;
  location: { pathname: string; search: string; hash: string };
  addEventListener: (type: "popstate", listener: () => void) => void;
  scrollTo: (x: number, y: number) => void;
}

export interface RouterParts<R> {
  browser: Browser;
  find: (pathname: string) => Match<R>;
  /** Loads what a route shows. It never fails; `null`: everything is there. */
  prepare: (route: R) => Promise<void> | null;
}

export interface Router<R = unknown> {
  shown: Pick<Store<Shown<R>>, "get" | "subscribe">;
  blocked: Store<Blocked | null>;
  /** Goes to an address. The screen before stays until the next one is loaded. */
  navigate: (step: Step) => Promise<void>;
  back: () => void;
  /** Loads what the present route shows, again where it failed. */
  reload: () => Promise<void>;
  /** Asks `guard` before every leaving, until the result is called. */
  guard: (guard: Guard) => () => void;
}

/**
 * Keeps the address, the entries of the browser's history and the shown route together. Each entry carries its
 * number, so that a leaving by Back or Forward can be undone while the reader is asked.
 */
export function createRouter<R>({ browser, find, prepare }: RouterParts<R>): Router<R> {
  const { history } = browser;
  const read = (): Shown<R> => shownOf(browser.location, find);
  const shown = createStore(read());
  const blocked = createStore<Blocked | null>(null);
  const guards = new Set<Guard>();
  let entry = adopted(history, 0);
  let turn = 0;
  let expected: "none" | "undone" | "allowed" = "none";

  async function show(before?: () => void): Promise<void> {
    turn += 1;
    const mine = turn;
    const next = read();
    const loading = prepare(next.match.route);
    if (loading) await loading;
    if (mine !== turn) return;
    before?.();
    shown.set(next);
  }

  /** Holds a leaving back where a guard says so. */
  function holds(to: Place, go: () => void): boolean {
    const by = [...guards].find((guard) => guard(shown.get(), to));
    if (!by) return false;
    const reset = () => blocked.set(null);
    const proceed = () => {
      reset();
      go();
    };
    blocked.set({ by, proceed, reset });
    return true;
  }

  async function go({ href, replace = false, keepScroll = false }: Step): Promise<void> {
    entry = replace ? entry : entry + 1;
    if (replace) history.replaceState({ entry }, "", href);
    else history.pushState({ entry }, "", href);
    // Before the screen is drawn: one that brings a part of itself into sight as it comes is not scrolled away.
    await show(keepScroll ? undefined : () => browser.scrollTo(0, 0));
  }

  async function navigate(step: Step): Promise<void> {
    const to = placeOf(new URL(step.href, "http://console"));
    if (!holds(to, () => void go(step))) await go(step);
  }

  browser.addEventListener("popstate", () => {
    const came = expected;
    expected = "none";
    const next = adopted(history, entry + 1);
    const by = next - entry;
    if (came === "undone") return;
    const again = () => {
      expected = "allowed";
      history.go(by);
    };
    if (came === "none" && by !== 0 && holds(placeOf(browser.location), again)) {
      expected = "undone";
      history.go(-by);
      return;
    }
    entry = next;
    void show();
  });

  return {
    shown,
    blocked,
    navigate,
    back: () => history.go(-1),
    reload: show,
    guard: (guard) => {
      guards.add(guard);
      return () => guards.delete(guard);
    },
  };
}

/** The number of the present entry; one that the browser made by itself, as for a fragment, gets `otherwise`. */
function adopted(history: Browser["history"], otherwise: number): number {
  const state: unknown = history.state;
  if (typeof state === "object" && state !== null && "entry" in state) return Number(state.entry);
  history.replaceState({ entry: otherwise }, "");
  return otherwise;
}

function placeOf({ pathname, search, hash }: Browser["location"]): Place {
  return { pathname, search, href: pathname + search + hash };
}

function shownOf<R>(location: Browser["location"], find: (pathname: string) => Match<R>): Shown<R> {
  return { ...placeOf(location), match: find(location.pathname) };
}
