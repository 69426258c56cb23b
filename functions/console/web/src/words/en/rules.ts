import type { rules as source } from "../pt/rules.ts";

export const rules: typeof source = { title: "Rules" };
