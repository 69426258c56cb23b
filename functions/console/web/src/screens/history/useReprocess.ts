import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef } from "react";
import { useClient } from "../../api/context.tsx";
import { isProblem } from "../../api/problem.ts";
import { eachLimited } from "../../lib/pool.ts";
import { problemText } from "../../lib/problemText.ts";
import { amend, say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";

const AT_ONCE = 4;

/** A webhook whose reprocessing was refused, with the reason. */
export interface Refused {
  webhook: string;
  reason: string;
}

/** Reprocesses one webhook, or several of the screen, and says what came of the requests. */
export function useReprocess(origin: string, touched: () => void) {
  const client = useClient();
  const queries = useQueryClient();
  const words = useWords();
  const w = words.history.reprocess;
  // One key a webhook until its request is answered: a double click is one request.
  const keys = useRef(new Map<string, string>());

  const ask = useCallback(
    async (webhook: string): Promise<void> => {
      const key = keys.current.get(webhook) ?? crypto.randomUUID();
      keys.current.set(webhook, key);
      try {
        await client.post("/v1/origins/{origin}/webhooks/{webhook}/reprocess", {
          path: { origin, webhook },
          idempotencyKey: key,
        });
        void queries.invalidateQueries({
          queryKey: [client.workspace, "webhook", origin, webhook],
        });
      } finally {
        keys.current.delete(webhook);
      }
    },
    [client, origin, queries],
  );

  const one = useCallback(
    async (webhook: string) => {
      try {
        await ask(webhook);
        say({ text: w.oneAsked, tone: "ok" });
      } catch (error) {
        say({ text: problemText(error, words), tone: "bad" });
      }
      touched();
    },
    [ask, touched, words, w],
  );

  const several = useCallback(
    async (webhooks: readonly string[]): Promise<Refused[]> => {
      const refused: Refused[] = [];
      let done = 0;
      const toast = say({ text: w.selection(0, webhooks.length), stays: true });
      await eachLimited(webhooks, AT_ONCE, async (webhook) => {
        try {
          await ask(webhook);
        } catch (error) {
          const code = isProblem(error) ? error.code : undefined;
          const known = Object.entries(words.codes).find(([name]) => name === code)?.[1].short;
          refused.push({ webhook, reason: known ?? problemText(error, words) });
        }
        done += 1;
        if (done < webhooks.length) {
          amend(toast, { text: w.selection(done, webhooks.length), stays: true });
        }
      });
      amend(toast, { text: w.selectionDone(webhooks.length - refused.length), tone: "ok" });
      touched();
      return refused;
    },
    [ask, touched, words, w],
  );

  return { one, several };
}
