import { join } from "node:path";
import optimizeLocales from "@react-aria/optimize-locales-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

type Graph = { getModuleInfo: (id: string) => { importedIds: readonly string[] } | null };

const source = (path: string) => join(import.meta.dirname, "src", path);
const MAIN = source("main.tsx");
const ARIA = source("ui/Aria.tsx");
const HISTORY = source("screens/history/History.tsx");
/** Parts of the library that the history, the screen of most first visits, does without. */
const FIELDS =
  /node_modules\/.*([Cc]ombo[Bb]ox|[Rr]adio|HiddenSelect|useSelect(State)?\.|\/Select\.)/;
const OURS = /src\/(api|lib|shell|ui)\//;

/** Reports whether a module is one of those that `roots` need, directly or by others. */
function neededBy(roots: readonly string[]) {
  const needed = new Set<string>();
  const collect = (id: string, graph: Graph): void => {
    if (needed.has(id)) return;
    needed.add(id);
    for (const imported of graph.getModuleInfo(id)?.importedIds ?? []) collect(imported, graph);
  };
  return (id: string, graph: Graph): boolean => {
    if (needed.size === 0) for (const root of roots) collect(root, graph);
    return !roots.includes(id) && needed.has(id);
  };
}

const ofEntry = neededBy([MAIN]);
const ofHistory = neededBy([HISTORY]);
const named = (name: string, is: (id: string, graph: Graph) => boolean) => {
  return (id: string, graph: Graph) => (is(id, graph) ? name : null);
};

// Without groups each shared module is a file of its own, a hundred for a first visit. The entry is one file, and so
// is what most screens share; what the history does not need (fields, the JSON viewer) is apart, and what few
// screens use (the calendar) stays with them.
/** Parts of the query library that only screens take. */
const OF_SCREENS =
  /@tanstack\/.*\/(useQueries|queriesObserver|use(Infinite|M).*|(infinite|mut).*Observer)\.js$/;
const LIBRARY = /node_modules\//;
const GROUPS = [
  { name: named("entry", (id, graph) => !OF_SCREENS.test(id) && ofEntry(id, graph)), priority: 2 },
  {
    name: named("aria", (id) => LIBRARY.test(id) && !FIELDS.test(id)),
    minShareCount: 6,
    priority: 1,
  },
  {
    name: named("shared", (id, graph) => OURS.test(id) && (id === ARIA || ofHistory(id, graph))),
    minShareCount: 2,
    priority: 1,
  },
  { name: "fields", test: FIELDS },
  { name: "fields", test: OURS, minShareCount: 3 },
];

// React Aria's announcer empties itself by `innerHTML`, which Trusted Types refuse: the screen that announces fails.
const announcer: Plugin = {
  name: "announcer-without-markup",
  transform(code, id) {
    if (!/dist\/private\/live-announcer\/LiveAnnouncer\.m?js$/.test(id)) return null;
    const mended = code.replaceAll("innerHTML = ''", "textContent = ''");
    if (mended === code || mended.includes("innerHTML")) {
      throw new Error(`${id} is not the announcer that this mends`);
    }
    return { code: mended, map: null };
  },
};

// The page is served below /console/ by the function `console`. Only the two languages of the console
// are kept of what React Aria says by itself.
export default defineConfig({
  base: "/console/",
  plugins: [
    react(),
    announcer,
    { ...optimizeLocales.vite({ locales: ["pt-BR", "en-US"] }), enforce: "pre" },
  ],
  // The names of classes stand in the entry, each in its script and in its style.
  css: { modules: { generateScopedName: "[hash:base64:5]" } },
  build: {
    target: "es2024",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // One file of styles is smaller than its thirty pieces, and one request.
    cssCodeSplit: false,
    rolldownOptions: { output: { codeSplitting: { groups: GROUPS } } },
    // infra/webbuild/finish.mjs reads both and removes them.
    manifest: true,
    license: { fileName: ".vite/license.json" },
  },
  worker: { format: "es" },
  // `vite` serves the page for development and passes the rest on to a running local host.
  server: { proxy: devProxy() },
});

// The host takes a change of the session from its own origin only.
function devProxy() {
  const target = process.env.GANCHO ?? "http://127.0.0.1:8787";
  const own = ["/v1", "/console/session", "/console/sessions", "/console/oidc", "/in/"];
  const to = { target, changeOrigin: true, headers: { origin: target } };
  return Object.fromEntries(own.map((path) => [path, to]));
}
