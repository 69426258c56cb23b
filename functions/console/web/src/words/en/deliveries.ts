import type { deliveries as source } from "../pt/deliveries.ts";

export const deliveries: typeof source = { title: "Deliveries" };
