import type { timeline as source } from "../pt/timeline.ts";

export const timeline: typeof source = { title: "Timeline" };
