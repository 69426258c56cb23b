import type { history as source } from "../pt/history.ts";

export const history: typeof source = { title: "History" };
