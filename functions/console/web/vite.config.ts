import optimizeLocales from "@react-aria/optimize-locales-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// Without groups each shared module is a file of its own, a hundred for a first visit. What most screens share is a
// file; what few use (the calendar, the JSON viewer) stays with them.
const GROUPS = [
  { name: "vendor", test: /node_modules\/(react|react-dom|scheduler|@tanstack)\// },
  { name: "aria", test: /node_modules\//, minShareCount: 6 },
  { name: "shared", test: /src\/(api|lib|shell|ui)\//, minShareCount: 3 },
];

// The page is served below /console/ by the function `console`. Only the two languages of the console
// are kept of what React Aria says by itself.
export default defineConfig({
  base: "/console/",
  plugins: [react(), { ...optimizeLocales.vite({ locales: ["pt-BR", "en-US"] }), enforce: "pre" }],
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
