import { useCallback } from "react";
import type { Run, Webhook } from "../api/history.ts";
import { useWords } from "../words/index.ts";

type Outcome = Pick<Webhook | Run, "contact" | "deal" | "error" | "status">;

/** Both came to the same: status, code, contact and deal. */
export function sameResult(a: Outcome, b: Outcome): boolean {
  const key = ({ status, error, contact, deal }: Outcome) =>
    JSON.stringify([status, error?.code ?? null, error?.params ?? null, contact, deal]);
  return key(a) === key(b);
}

/** The result of a webhook in one sentence. */
export function useOutcome(): (of: Outcome) => string {
  const w = useWords().history;
  return useCallback(
    (of) => {
      if (of.status === "pending") return w.webhook.outcomePending;
      const said = [
        of.deal ? w.deal[of.deal.action] : null,
        of.contact ? w.contact[of.contact.action] : null,
      ].filter((part) => part !== null);
      return said.length === 0 ? w.webhook.outcomeNone : capital(w.webhook.outcomeOf(said));
    },
    [w],
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
