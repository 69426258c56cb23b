import type { UseMutationResult } from "@tanstack/react-query";
import type { Schemas } from "../../api/configuration.ts";
import { problemText } from "../../lib/problemText.ts";
import { Confirm } from "../../ui/Dialog.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { useWords } from "../../words/index.ts";
import { Refusal } from "../changes/Refusal.tsx";
import { useErrors, useReprocessErrors } from "../mapping/errors.ts";

type Integration = Schemas["Integration"];

export function AskDeactivate(props: { name: string; onConfirm: () => void; onClose: () => void }) {
  const { integrations: words } = useWords();
  return (
    <Confirm
      title={words.off.title(props.name)}
      action={words.off.action}
      onConfirm={props.onConfirm}
      onClose={props.onClose}
    >
      <p>{words.off.text}</p>
    </Confirm>
  );
}

/** Asks before a deletion; the name is typed where there is history. What depends on it is said by the refusal. */
export function AskDelete(props: {
  integration: Integration;
  remove: UseMutationResult<void, Error, Integration>;
  onClose: () => void;
}) {
  const words = useWords();
  const { deletion } = words.integrations;
  const { integration, remove } = props;
  const close = () => {
    remove.reset();
    props.onClose();
  };
  return (
    <Confirm
      title={deletion.title(integration.name)}
      action={deletion.action}
      danger
      busy={remove.isPending}
      {...(integration.activity.last_received_at === null ? {} : { typed: integration.name })}
      onConfirm={() => remove.mutate(integration, { onSuccess: close })}
      onClose={close}
    >
      <p>{deletion.text}</p>
      <Refusal error={remove.error} />
    </Confirm>
  );
}

/** After switching on: offers to process what has an error, which holds what came meanwhile (D9). */
export function OfferProcess(props: { integration: Integration; onClose: () => void }) {
  const words = useWords();
  const { on } = words.integrations;
  const errors = useErrors(props.integration);
  const reprocess = useReprocessErrors(props.integration);
  const count = errors.data ?? 0;
  // Nothing came: there is nothing to ask.
  if (count === 0) return null;
  return (
    <Confirm
      title={on.title}
      action={on.action(count)}
      busy={reprocess.isPending}
      onConfirm={() => reprocess.mutate(undefined, { onSuccess: props.onClose })}
      onClose={props.onClose}
    >
      <p>{on.text(count)}</p>
      {reprocess.error && (
        <Banner tone="bad" alert>
          {problemText(reprocess.error, words)}
        </Banner>
      )}
    </Confirm>
  );
}
