import { useCallback } from "react";
import type { Run, Webhook } from "../api/history.ts";
import { useWords } from "../words/index.ts";

type Outcome = Pick<Webhook | Run, "contact" | "deal" | "error" | "status"> & {
  /** The webhook is a test of the integration. */
  test?: boolean;
  /** The result of a run that changed nothing. */
  preview?: Run["preview"];
};

/** Both came to the same: status, code, contact and deal. */
export function sameResult(a: Outcome, b: Outcome): boolean {
  const key = ({ status, error, contact, deal, preview }: Outcome) =>
    JSON.stringify([status, error?.code, error?.params, contact, deal, preview]);
  return key(a) === key(b);
}

/** The result of a webhook in one sentence. */
export function useOutcome(): (of: Outcome) => string {
  const w = useWords().history;
  return useCallback(
    (of) => {
      if (of.status === "pending") return w.webhook.outcomePending;
      const deal = of.deal?.action ?? of.preview?.deal_action;
      const contact = of.contact?.action ?? of.preview?.contact_action;
      const said = [deal ? w.deal[deal] : null, contact ? w.contact[contact] : null].filter(
        (part) => part !== null,
      );
      if (said.length === 0) return of.test ? w.test.none : w.webhook.outcomeNone;
      return of.preview ? w.test.would(said) : capital(w.webhook.outcomeOf(said));
    },
    [w],
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
