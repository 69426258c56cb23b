import { useCallback } from "react";
import { useClient, useMay, useWorkspace } from "../../api/context.tsx";
import { readPayload, type Webhook } from "../../api/history.ts";
import { paths } from "../../lib/paths.ts";
import { problemText } from "../../lib/problemText.ts";
import { copyText } from "../../ui/clipboard.ts";
import type { MenuAction } from "../../ui/Menu.tsx";
import { say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";

interface Acts {
  open: (id: string) => void;
  reprocess: (id: string) => void;
  only: (integration: string) => void;
}

/** The menu of a row (S1.12). */
export function useRowActions(origin: string, acts: Acts): (row: Webhook) => MenuAction[] {
  const client = useClient();
  const { id: ws } = useWorkspace();
  const may = useMay("operator");
  const words = useWords();
  const w = words.history.actions;
  const { open, reprocess, only } = acts;

  const copyPayload = useCallback(
    async (webhook: string) => {
      try {
        const { bytes } = await readPayload(client, { origin, webhook }, "raw");
        const copied = await copyText(new TextDecoder().decode(bytes));
        say({ text: copied ? w.payloadCopied : w.copyFailed, tone: copied ? "ok" : "bad" });
      } catch (error) {
        say({ text: problemText(error, words), tone: "bad" });
      }
    },
    [client, origin, words, w],
  );

  const copyLink = useCallback(
    async (webhook: string) => {
      const link = new URL(paths.webhook(ws, origin, webhook), window.location.href).href;
      const copied = await copyText(link);
      say({ text: copied ? w.linkCopied : w.copyFailed, tone: copied ? "ok" : "bad" });
    },
    [ws, origin, w],
  );

  return useCallback(
    (row) => {
      const pending =
        row.status === "pending" || row.reprocessing
          ? words.history.reprocess.pendingReason
          : undefined;
      const edit = paths.integration(ws, row.integration.id, { webhook: row.id });
      return [
        { id: "details", label: w.details, icon: "list", onAction: () => open(row.id) },
        { id: "edit", label: w.editIntegration, icon: "edit", href: edit },
        {
          id: "reprocess",
          label: w.reprocess,
          icon: "retry",
          onAction: () => reprocess(row.id),
          reason: may ? pending : words.common.needs.operator,
        },
        {
          id: "payload",
          label: w.copyPayload,
          icon: "copy",
          apart: true,
          onAction: () => void copyPayload(row.id),
        },
        { id: "link", label: w.copyLink, icon: "link", onAction: () => void copyLink(row.id) },
        {
          id: "only",
          label: w.onlyIntegration,
          icon: "search",
          apart: true,
          onAction: () => only(row.integration.id),
        },
      ];
    },
    [ws, may, words, w, open, reprocess, only, copyPayload, copyLink],
  );
}
