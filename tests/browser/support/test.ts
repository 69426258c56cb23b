import { test as base, expect, type Page } from "@playwright/test";
import { Api } from "./api.ts";
import { Faults } from "./faults.ts";
import { type Host, startHost } from "./host.ts";

type OfJourney = {
  /** A client of a workspace of this journey's own, which starts empty. */
  api: Api;
  /** An admin key of that workspace. */
  key: string;
  /** The id of that workspace. */
  workspace: string;
  /** Collects what no page may do; a journey ends with none seen. */
  faults: Faults;
  /** Signs the page in to the workspace and opens a path below `/console/w/{workspace}`. */
  open: (path: string) => Promise<void>;
  /** The same with another key. */
  openAs: (key: string, path: string) => Promise<void>;
};

type OfWorker = { host: Host };

export const test = base.extend<OfJourney, OfWorker>({
  host: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures it needs from it
    async ({}, use) => {
      const host = await startHost();
      await use(host);
      await host.stop();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ host }, use) => use(host.base),
  key: async ({ host }, use, info) => {
    const made = await ownerApi(host).post("/v1/workspaces", {
      name: info.title.slice(0, 60),
      time_zone: "America/Sao_Paulo",
    });
    const { key } = made.key as { key: string };
    await use(key);
  },
  workspace: async ({ key }, use) => use(workspaceOf(key)),
  api: async ({ host, key }, use) => use(new Api({ base: host.base, key })),
  faults: [
    async ({ host, context }, use) => {
      const faults = new Faults(host.base);
      await faults.watch(context);
      await use(faults);
      expect(faults.seen).toEqual([]);
    },
    { auto: true },
  ],
  open: async ({ openAs, key }, use) => use((path) => openAs(key, path)),
  openAs: async ({ page }, use) => {
    await use((key, path) => openWith(page, key, path));
  },
});

/** Signs a page in with a key and opens a path below `/console/w/{workspace}`. */
export async function openWith(page: Page, key: string, path: string): Promise<void> {
  const signedIn = await page.request.post("/console/session", {
    data: { key },
    headers: { "x-gancho": "console" },
  });
  expect(signedIn.status()).toBe(200);
  await page.goto(`/console/w/${workspaceOf(key)}${path}`);
}

/** An API key names its workspace: `gk_<workspace><id>_<secret>`. */
export function workspaceOf(key: string): string {
  return `ws_${key.slice("gk_".length, "gk_".length + 32)}`;
}

function ownerApi(host: Host): Api {
  return new Api({ base: host.base, key: host.ownerKey });
}

export { expect };
