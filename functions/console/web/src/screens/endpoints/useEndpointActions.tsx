import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { Schemas } from "../../api/configuration.ts";
import { useClient, useIdempotencyKey, useMay } from "../../api/context.tsx";
import { deliveriesKey } from "../../api/deliveries.ts";
import { problemText } from "../../lib/problemText.ts";
import { Confirm } from "../../ui/Dialog.tsx";
import { SecretOnce } from "../../ui/SecretOnce.tsx";
import { say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";
import { Refusal } from "../changes/Refusal.tsx";
import { EnableDialog } from "./EnableDialog.tsx";

export type Endpoint = Schemas["Endpoint"];
type Asked = { kind: "enable" | "disable" | "delete"; endpoint: Endpoint };

export const endpointKey = (workspace: string, endpoint: string) => [
  workspace,
  "endpoint",
  endpoint,
];

/** Called after a change: the list, the endpoint and the deliveries are asked for again. */
export function useEndpointTouched() {
  const client = useClient();
  const queries = useQueryClient();
  return (changed?: Endpoint) => {
    if (changed) queries.setQueryData(endpointKey(client.workspace, changed.id), changed);
    void queries.invalidateQueries({ queryKey: [client.workspace, "endpoints"] });
    void queries.invalidateQueries({ queryKey: [client.workspace, "endpoint"] });
    void queries.invalidateQueries({ queryKey: deliveriesKey(client) });
  };
}

/** Enable, disable, delete and duplicate, with their questions. `dialog` is drawn by the screen. */
export function useEndpointActions(onDeleted?: () => void) {
  const client = useClient();
  const words = useWords();
  const texts = words.endpoints.one;
  const may = useMay("admin");
  const touched = useEndpointTouched();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [secret, setSecret] = useState<{ name: string; secret: string } | null>(null);
  const duplicate = useMutation({
    mutationFn: (endpoint: string) =>
      client.post("/v1/endpoints/{endpoint}/duplicate", {
        path: { endpoint },
        body: { active: false },
      }),
    onSuccess: (made) => {
      touched(made);
      say({ text: texts.duplicated, tone: "ok" });
      if (made.secret !== null) setSecret({ name: made.name, secret: made.secret });
    },
    onError: (error) => say({ text: problemText(error, words), tone: "bad" }),
  });
  const close = () => setAsked(null);
  const dialog: ReactNode = (
    <>
      {asked?.kind === "enable" && <EnableDialog endpoint={asked.endpoint} onClose={close} />}
      {asked && asked.kind !== "enable" && (
        <Question asked={asked} onClose={close} onDeleted={onDeleted} />
      )}
      {secret && (
        <SecretOnce
          title={words.endpoints.secret.created(secret.name)}
          secret={secret.secret}
          fileName={words.endpoints.secret.file}
          onClose={() => setSecret(null)}
        >
          <p>{words.endpoints.secret.next}</p>
        </SecretOnce>
      )}
    </>
  );
  return {
    dialog,
    reason: may ? undefined : words.common.needs.admin,
    ask: (kind: Asked["kind"], endpoint: Endpoint) => setAsked({ kind, endpoint }),
    duplicate: (id: string) => duplicate.mutate(id),
  };
}

function Question(props: {
  asked: Asked;
  onClose: () => void;
  onDeleted: (() => void) | undefined;
}) {
  const client = useClient();
  const words = useWords();
  const { key } = useIdempotencyKey();
  const touched = useEndpointTouched();
  const { kind, endpoint } = props.asked;
  const deletes = kind === "delete";
  const texts = deletes ? words.endpoints.one.deleteDialog : words.endpoints.one.disableDialog;
  const path = { endpoint: endpoint.id };
  const act = useMutation({
    mutationFn: async () => {
      if (!deletes) {
        return client.post("/v1/endpoints/{endpoint}/disable", { path, idempotencyKey: key });
      }
      await client.delete("/v1/endpoints/{endpoint}", { path });
      return undefined;
    },
    onSuccess: (changed) => {
      say({ text: texts.done, tone: "ok" });
      touched(changed);
      props.onClose();
      if (deletes) props.onDeleted?.();
    },
  });
  return (
    <Confirm
      title={texts.title(endpoint.name)}
      action={texts.action}
      danger={deletes}
      busy={act.isPending}
      onConfirm={() => act.mutate()}
      onClose={props.onClose}
      {...(deletes ? { typed: endpoint.name } : {})}
    >
      <Refusal error={act.error} />
      <p>{texts.text}</p>
    </Confirm>
  );
}
