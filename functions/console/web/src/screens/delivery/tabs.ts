export const DELIVERY_TABS = ["attempts", "request", "event", "verify"] as const;
export type DeliveryTab = (typeof DELIVERY_TABS)[number];
