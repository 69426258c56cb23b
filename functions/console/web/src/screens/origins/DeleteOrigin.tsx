import { useMutation, useQueryClient } from "@tanstack/react-query";
import { originsQuery, type Schemas } from "../../api/configuration.ts";
import { useClient } from "../../api/context.tsx";
import { Confirm } from "../../ui/Dialog.tsx";
import { useWords } from "../../words/index.ts";
import { Refusal } from "../changes/Refusal.tsx";

interface Props {
  origin: Schemas["Origin"];
  onClose: () => void;
  onDeleted: () => void;
}

/** Deletes an origin after its name was typed; what still depends on it is named, each a link. */
export function DeleteOrigin({ origin, onClose, onDeleted }: Props) {
  const words = useWords();
  const w = words.home.origins;
  const client = useClient();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () =>
      client.delete("/v1/origins/{origin}", {
        path: { origin: origin.id },
        version: origin.version,
      }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: originsQuery(client).queryKey });
      onDeleted();
    },
  });
  return (
    <Confirm
      title={w.deleteTitle}
      action={w.deleteAction}
      danger
      typed={origin.name}
      busy={remove.isPending}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <Refusal error={remove.error} />
      <p>{w.deleteText}</p>
    </Confirm>
  );
}
