import { useQueryClient } from "@tanstack/react-query";
import { useClient } from "../../api/context.tsx";
import { problemText } from "../../lib/problemText.ts";
import { inParallel } from "../../lib/rehearse.ts";
import { say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";
import type { Integration } from "../integration/useChange.ts";

const TOGETHER = 4;

/** Runs chosen webhooks again, four at a time; the first refusal is said. */
export function useReprocessThese(integration: Integration) {
  const client = useClient();
  const cache = useQueryClient();
  const words = useWords();
  return async (webhooks: readonly string[]) => {
    const refusals: unknown[] = [];
    await inParallel(
      webhooks,
      TOGETHER,
      (webhook) =>
        client
          .post("/v1/origins/{origin}/webhooks/{webhook}/reprocess", {
            path: { origin: integration.origin, webhook },
          })
          .catch((error: unknown) => refusals.push(error)),
      () => {},
      new AbortController().signal,
    );
    if (refusals.length > 0) say({ text: problemText(refusals[0], words), tone: "bad" });
    void cache.invalidateQueries({ queryKey: [client.workspace] });
  };
}
