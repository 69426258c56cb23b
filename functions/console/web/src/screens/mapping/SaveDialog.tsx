import { useQueryClient } from "@tanstack/react-query";
import { useClient } from "../../api/context.tsx";
import { isProblem } from "../../api/problem.ts";
import { tidied } from "../../lib/mappingDraft.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { JsonDiff } from "../../ui/Diff/Diff.tsx";
import { Banner, problemText } from "../../ui/Problem.tsx";
import { say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";
import { type Integration, integrationQuery, useChange } from "../integration/useChange.ts";
import type { MappingControl } from "./useMappingDraft.ts";

/** Saves the mapping after showing what changes. A change by somebody else in between is decided here. */
export function SaveDialog(props: {
  integration: Integration;
  control: MappingControl;
  onRefused: (error: unknown) => void;
  onSaved?: (saved: Integration) => void;
  onClose: () => void;
}) {
  const { integration, control } = props;
  const words = useWords();
  const { save } = words.mapping;
  const client = useClient();
  const cache = useQueryClient();
  const change = useChange(integration);
  const isConflict = isProblem(change.error) && change.error.code === "conflict";

  function send(over?: number) {
    change.mutate(
      { mapping: control.mapping, ...(over === undefined ? {} : { over }) },
      {
        onSuccess: (saved) => {
          control.reset(saved.mapping);
          props.onRefused(undefined);
          say({ text: save.saved(saved.mapping_version), tone: "ok" });
          void cache.invalidateQueries({ queryKey: [client.workspace, "errors", saved.id] });
          props.onSaved?.(saved);
          props.onClose();
        },
        onError: (error) => {
          if (isProblem(error) && error.path) props.onRefused(error);
        },
      },
    );
  }
  const readAgain = () =>
    cache.fetchQuery({ ...integrationQuery(client, integration.id), staleTime: 0 });
  return (
    <Dialog
      title={save.title}
      width="large"
      onClose={props.onClose}
      footer={
        isConflict ? (
          <>
            <Button
              onPress={async () => {
                control.reset((await readAgain()).mapping);
                props.onClose();
              }}
            >
              {save.takeTheirs}
            </Button>
            <Button
              kind="primary"
              busy={change.isPending}
              onPress={async () => send((await readAgain()).version)}
            >
              {save.keepMine}
            </Button>
          </>
        ) : (
          <>
            <Button onPress={props.onClose}>{words.common.cancel}</Button>
            <Button kind="primary" busy={change.isPending} onPress={() => send()}>
              {save.button}
            </Button>
          </>
        )
      }
    >
      {change.error && (
        <Banner tone="bad" alert>
          {isConflict ? save.conflict : problemText(change.error, words)}
        </Banner>
      )}
      <p>{save.version(integration.mapping_version + 1)}</p>
      <JsonDiff
        before={tidied(integration.mapping)}
        after={control.mapping}
        label={save.difference}
      />
    </Dialog>
  );
}
