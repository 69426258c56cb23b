import { type ApiProblem, isProblem } from "../api/problem.ts";
import type { Words } from "../words/index.ts";
import { PartGone } from "./loadPart.ts";

/** The sentence of a refusal: the API's own where it has one. */
export function problemText(error: unknown, words: Words): string {
  if (error instanceof PartGone) return words.common.problem.updatedHint;
  if (!isProblem(error)) return words.parts.problem.ours;
  if (error.status === 401) return words.common.problem.ended;
  if (error.status === 404 && error.origin !== "network") return words.common.problem.notFoundHint;
  if (error.detail && error.origin === "api") return error.detail;
  if (error.origin === "network") return words.parts.problem.offline;
  if (error.passing) return words.parts.problem.busy;
  return error.status >= 500 ? words.parts.problem.ours : words.common.problem.unexpected;
}

/** The details that somebody who helps needs, without data of the reader. */
export function problemDetails(error: unknown): string {
  if (!isProblem(error))
    return error instanceof Error ? `${error.name}: ${error.message}` : "unknown";
  const { status, code, detail, path, requestId }: ApiProblem = error;
  const lines = { status, code, detail, path, request: requestId, at: new Date().toISOString() };
  return Object.entries(lines)
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
}
