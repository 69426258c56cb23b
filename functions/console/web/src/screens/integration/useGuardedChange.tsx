import { type ReactNode, useState } from "react";
import type { AnswerOf } from "../../api/client.ts";
import { useClient } from "../../api/context.tsx";
import { Conflict, isConflict } from "../changes/Conflict.tsx";
import { changedPart } from "../changes/fields.ts";
import type { SettingName } from "./compared.ts";
import { type Integration, type IntegrationPatch, useChange, useKeep } from "./useChange.ts";
import { useIntegrationDescription } from "./useIntegrationDescription.ts";

type Changed = AnswerOf<"/v1/integrations/{integration}", "patch">;

interface Sent {
  /** The settings of the form; of these, what the reader changed is sent. */
  patch: IntegrationPatch;
  onSuccess: ((changed: Changed) => void) | undefined;
  onError: ((error: unknown) => void) | undefined;
}

/**
 * Changes an integration as it was read. Where somebody else changed it meanwhile, `conflict` asks whose change
 * stays; the screen draws it. `onTake` is called where the reader gives theirs up.
 */
export function useGuardedChange(
  integration: Integration,
  onTake?: (theirs: Integration) => void,
): {
  send: (patch: IntegrationPatch, onSuccess?: Sent["onSuccess"], onError?: Sent["onError"]) => void;
  conflict: ReactNode;
  error: unknown;
  isPending: boolean;
} {
  const client = useClient();
  const keep = useKeep();
  const change = useChange(integration);
  const [sent, setSent] = useState<Sent>({
    patch: {},
    onSuccess: undefined,
    onError: undefined,
  });
  const names = Object.keys(sent.patch) as SettingName[];
  const description = useIntegrationDescription(names);
  const changed = changedPart(sent.patch, integration);
  function mutate({ patch, onSuccess, onError }: Sent, over?: number) {
    change.mutate(
      { ...changedPart(patch, integration), ...(over === undefined ? {} : { over }) },
      {
        ...(onSuccess ? { onSuccess } : {}),
        onError: (error) => {
          if (!isConflict(error)) onError?.(error);
        },
      },
    );
  }
  const conflict = isConflict(change.error) ? (
    <Conflict
      error={change.error}
      opened={integration}
      read={(signal) =>
        client.get("/v1/integrations/{integration}", {
          path: { integration: integration.id },
          signal,
        })
      }
      change={() => changed}
      description={description}
      onKeep={(theirs) => mutate(sent, theirs.version)}
      onTake={(theirs) => {
        change.reset();
        keep(theirs);
        onTake?.(theirs);
      }}
      onClose={change.reset}
    />
  ) : null;
  return {
    send: (patch, onSuccess, onError) => {
      const next = { patch, onSuccess, onError };
      setSent(next);
      mutate(next);
    },
    conflict,
    error: conflict === null ? change.error : null,
    isPending: change.isPending,
  };
}
