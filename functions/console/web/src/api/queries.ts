import { QueryClient } from "@tanstack/react-query";
import { isProblem } from "./problem.ts";

const MOST_REPEATS = 3;

/** Only reads that got no answer, 429 or 503 are repeated; a write never is by itself. */
export function repeats(failures: number, error: unknown): boolean {
  return isProblem(error) && error.passing && failures < MOST_REPEATS;
}

/** Milliseconds before a read is repeated: as `retry-after` says, else 2, 4, 8 s. */
export function repeatDelay(failures: number, error: unknown): number {
  if (isProblem(error) && error.retryAfter !== undefined) return error.retryAfter * 1000;
  return 2000 * 2 ** failures;
}

/** Milliseconds for which configuration is taken from memory. */
export const CONFIGURATION_KEPT = 30_000;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: repeats,
      retryDelay: repeatDelay,
      // The local host is reachable without a network, so the browser's opinion is not asked.
      networkMode: "always",
      staleTime: 2_000,
      refetchIntervalInBackground: false,
    },
    mutations: { retry: false, networkMode: "always" },
  },
});
