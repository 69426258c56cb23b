import type { endpoints as source } from "../pt/endpoints.ts";

export const endpoints: typeof source = { title: "Endpoints" };
