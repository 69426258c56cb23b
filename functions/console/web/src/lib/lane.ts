import type { DeliveryDetail } from "../api/deliveries.ts";
import type { Policy } from "./presets.ts";

type Order = Policy["order"] | undefined;

/** The delivery failed for good at an endpoint that stops then: those behind it wait for a person (D11). */
export function blocksLane(
  delivery: Pick<DeliveryDetail, "state" | "reason" | "lane">,
  order: Order,
): boolean {
  const { state, reason, lane } = delivery;
  // One that went past its retention gives way by itself.
  return order === "block" && lane !== null && state === "failure" && reason !== "expired";
}

/** States of the delivery at the front of an ordered lane that the others wait for. */
export function frontStates(order: Order): ("retrying" | "failure")[] {
  if (order === "block") return ["retrying", "failure"];
  return order === "skip" ? ["retrying"] : [];
}
