import optimizeLocales from "@react-aria/optimize-locales-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The page is served below /console/ by the function `console`. Only the two languages of the console
// are kept of what React Aria says by itself.
export default defineConfig({
  base: "/console/",
  plugins: [react(), { ...optimizeLocales.vite({ locales: ["pt-BR", "en-US"] }), enforce: "pre" }],
  build: { target: "es2024", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  worker: { format: "es" },
});
