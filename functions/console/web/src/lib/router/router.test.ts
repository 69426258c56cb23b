import assert from "node:assert/strict";
import { test } from "node:test";
import { type Browser, createRouter } from "./router.ts";

/** A history as browsers keep one: entries with their state, and `popstate` after each move. */
function fakeBrowser(start: string) {
  const entries = [{ state: null as unknown, url: new URL(start, "http://h") }];
  let at = 0;
  let listener = () => {};
  let scrolled: number | null = null;
  const here = () => entries[at] ?? assert.fail("no entry");
  const put = (index: number, state: unknown, url?: string | URL | null) => {
    const next = { state, url: new URL(url ?? "", here().url) };
    entries.splice(index, entries.length, next);
    at = index;
  };
  const browser: Browser = {
    history: {
      get state() {
        return here().state;
      },
      pushState: (state, _, url) => put(at + 1, state, url),
      replaceState: (state, _, url) => {
        entries[at] = { state, url: new URL(url ?? here().url, here().url) };
      },
      go: (by = 0) => {
        if (!entries[at + by]) return;
        at += by;
        listener();
      },
    },
    get location() {
      return here().url;
    },
    addEventListener: (_, heard) => {
      listener = heard;
    },
    scrollTo: (_, y) => {
      scrolled = y;
    },
  };
  const takeScrolled = () => {
    const taken = scrolled;
    scrolled = null;
    return taken;
  };
  return { browser, here: () => here().url.pathname, count: () => entries.length, takeScrolled };
}

function routerAt(start: string, prepare: (path: string) => Promise<void> | null = () => null) {
  const fake = fakeBrowser(start);
  const find = (pathname: string) => ({ route: pathname, params: {} });
  const router = createRouter<string>({ browser: fake.browser, find, prepare });
  return { ...fake, router, path: () => router.shown.get().pathname };
}

test("a step makes an entry, a replacing one makes none, and Back shows the one before", async () => {
  const { router, path, count, takeScrolled } = routerAt("/a");
  await router.navigate({ href: "/b?x=1" });
  assert.equal(router.shown.get().search, "?x=1");
  assert.equal(takeScrolled(), 0);
  await router.navigate({ href: "/c", replace: true, keepScroll: true });
  assert.deepEqual([path(), count(), takeScrolled()], ["/c", 2, null]);
  router.back();
  assert.equal(path(), "/a");
});

test("the screen before stays until the next one is loaded, and the last step wins", async () => {
  const done = new Map<string, () => void>();
  const prepare = (to: string) => new Promise<void>((resolve) => done.set(to, resolve));
  const { router, path, here } = routerAt("/a", prepare);
  const slow = router.navigate({ href: "/slow" });
  assert.deepEqual([path(), here()], ["/a", "/slow"]);
  const fast = router.navigate({ href: "/fast" });
  done.get("/fast")?.();
  await fast;
  done.get("/slow")?.();
  await slow;
  assert.equal(path(), "/fast");
});

test("the page is scrolled to its top before the screen is shown, which may scroll to a part of itself", async () => {
  const { router, browser, takeScrolled } = routerAt("/a");
  router.shown.subscribe(() => browser.scrollTo(0, 700));
  await router.navigate({ href: "/b#part" });
  assert.equal(takeScrolled(), 700);
});

test("a guarded step waits for the reader's word", async () => {
  const { router, path, here } = routerAt("/form");
  const release = router.guard((from, to) => from.pathname !== to.pathname);
  await router.navigate({ href: "/form?tab=2" });
  assert.equal(router.blocked.get(), null);
  await router.navigate({ href: "/away" });
  assert.equal(here(), "/form");
  router.blocked.get()?.reset();
  assert.equal(router.blocked.get(), null);
  await router.navigate({ href: "/away" });
  router.blocked.get()?.proceed();
  assert.equal(path(), "/away");
  release();
  await router.navigate({ href: "/form" });
  assert.equal(path(), "/form");
});

test("a guarded Back is undone, and done when the reader says so", async () => {
  const { router, path, here } = routerAt("/a");
  await router.navigate({ href: "/form" });
  const release = router.guard(() => true);
  router.back();
  assert.deepEqual([path(), here()], ["/form", "/form"]);
  router.blocked.get()?.proceed();
  assert.deepEqual([path(), here(), router.blocked.get()], ["/a", "/a", null]);
  release();
});

test("an entry that the browser made for a fragment counts as one", async () => {
  const { router, browser, path } = routerAt("/a");
  await router.navigate({ href: "/form" });
  browser.history.pushState(null, "", "/form#content");
  browser.history.go(0);
  router.guard((from, to) => from.pathname !== to.pathname);
  browser.history.go(-2);
  assert.equal(path(), "/form");
  router.blocked.get()?.proceed();
  assert.equal(path(), "/a");
});
