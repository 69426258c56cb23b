import { problemText } from "../../lib/problemText.ts";
import { Confirm } from "../../ui/Dialog.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { useWords } from "../../words/index.ts";
import type { Integration } from "../integration/useChange.ts";
import { useErrors, useReprocessErrors } from "./errors.ts";

/** Runs the webhooks with an error again, after the server's count of them. */
export function ReprocessErrors(props: { integration: Integration; onClose: () => void }) {
  const words = useWords();
  const { reprocess: w } = words.mapping;
  const errors = useErrors(props.integration);
  const reprocess = useReprocessErrors(props.integration);
  const count = errors.data ?? 0;
  const reason = errors.isPending ? w.counting : count === 0 ? w.none : undefined;
  return (
    <Confirm
      title={w.title}
      action={w.action(count)}
      reason={reason}
      busy={reprocess.isPending}
      onConfirm={() => reprocess.mutate(undefined, { onSuccess: props.onClose })}
      onClose={props.onClose}
    >
      <p>{reason ?? w.text(count)}</p>
      {reprocess.error && (
        <Banner tone="bad" alert>
          {problemText(reprocess.error, words)}
        </Banner>
      )}
    </Confirm>
  );
}
