import { useQueryClient } from "@tanstack/react-query";
import { useClient } from "../../api/context.tsx";
import { isProblem } from "../../api/problem.ts";
import { tidied } from "../../lib/mappingDraft.ts";
import { problemText } from "../../lib/problemText.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { JsonDiff } from "../../ui/Diff/Diff.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { say } from "../../ui/toasts.ts";
import { useWords } from "../../words/index.ts";
import type { Integration } from "../integration/useChange.ts";
import { useGuardedChange } from "../integration/useGuardedChange.tsx";
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
  const change = useGuardedChange({ ...integration, ...control.base }, (theirs) => {
    control.reset(theirs);
    props.onClose();
  });

  function send() {
    change.send(
      { mapping: control.mapping },
      (saved) => {
        control.reset(saved);
        props.onRefused(undefined);
        say({ text: save.saved(saved.mapping_version), tone: "ok" });
        void cache.invalidateQueries({ queryKey: [client.workspace, "errors", saved.id] });
        props.onSaved?.(saved);
        props.onClose();
      },
      (error) => {
        if (isProblem(error) && error.path) props.onRefused(error);
      },
    );
  }
  if (change.conflict !== null) return change.conflict;
  return (
    <Dialog
      title={save.title}
      width="large"
      onClose={props.onClose}
      footer={
        <>
          <Button onPress={props.onClose}>{words.common.cancel}</Button>
          <Button kind="primary" busy={change.isPending} onPress={send}>
            {save.button}
          </Button>
        </>
      }
    >
      {change.error !== null && (
        <Banner tone="bad" alert>
          {problemText(change.error, words)}
        </Banner>
      )}
      <p>{save.version(integration.mapping_version + 1)}</p>
      <JsonDiff
        before={tidied(control.base.mapping)}
        after={control.mapping}
        label={save.difference}
      />
    </Dialog>
  );
}
