import type { integrations as source } from "../pt/integrations.ts";

export const integrations: typeof source = { title: "Integrations" };
