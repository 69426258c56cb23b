import type { components } from "../api/schema.d.ts";
import { valueAt } from "./ruleBody.ts";

export type Comparison = components["schemas"]["Comparison"];
export type Condition = components["schemas"]["Condition"];
export type Op = Comparison["op"];

export const OPS: readonly Op[] = ["eq", "ne", "in", "contains", "gt", "lt", "exists"];
export const MOST_COMPARISONS = 50;
export const DEEPEST = 5;

/** The number of comparisons, and the depth of their nesting. */
export function sizeOf(condition: Condition): { count: number; depth: number } {
  const list = condition.all ?? condition.any;
  if (list === undefined) return { count: 1, depth: 1 };
  const sizes = list.map(sizeOf);
  return {
    count: sizes.reduce((sum, size) => sum + size.count, 0),
    depth: 1 + Math.max(0, ...sizes.map((size) => size.depth)),
  };
}

/**
 * Tells whether a condition holds for the data of an event, as the gateway does. It is only shown beside the
 * example: the gateway's own answer counts for every event.
 */
export function holds(condition: Condition, data: unknown): boolean {
  if (condition.all !== undefined) return condition.all.every((one) => holds(one, data));
  if (condition.any !== undefined) return condition.any.some((one) => holds(one, data));
  return condition.is !== undefined && compares(condition.is, valueAt(data, condition.is.path));
}

function compares({ op, value }: Comparison, found: unknown): boolean {
  if (found === undefined) return false;
  switch (op) {
    case "exists":
      return true;
    case "eq":
      return same(found, value);
    case "ne":
      return !same(found, value);
    case "in":
      return Array.isArray(value) && value.some((one) => same(found, one));
    case "contains":
      if (typeof found === "string") return typeof value === "string" && found.includes(value);
      return Array.isArray(found) && found.some((one) => same(one, value));
    case "gt":
      return (order(found, value) ?? 0) > 0;
    case "lt":
      return (order(found, value) ?? 0) < 0;
  }
}

function same(a: unknown, b: unknown): boolean {
  if (typeof a === "number" && typeof b === "number") return a === b;
  return JSON.stringify(a) === JSON.stringify(b);
}

const NUMBER = /^-?\d+(?:\.\d+)?$/;

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

/** Numbers and texts of digits by their value, else times; anything else has no order. */
function order(a: unknown, b: unknown): number | undefined {
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== undefined && y !== undefined) return x - y;
  if (typeof a !== "string" || typeof b !== "string" || !TIME.test(a) || !TIME.test(b))
    return undefined;
  return Date.parse(a) - Date.parse(b);
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" && NUMBER.test(value) ? Number(value) : undefined;
}

/** Reads what was typed as a value for an operator: a list for `in`, nothing for `exists`, numbers as numbers. */
export function typedValue(op: Op, text: string): unknown {
  if (op === "exists") return undefined;
  if (op !== "in") return scalar(text);
  return text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "")
    .map(scalar);
}

function scalar(text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === "true" || trimmed === "false") return trimmed === "true";
  const isPlain = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,6})?$/.test(trimmed);
  return isPlain && String(Number(trimmed)) === trimmed ? Number(trimmed) : text;
}

export function valueText(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map(valueText).join(", ");
  return String(value);
}
