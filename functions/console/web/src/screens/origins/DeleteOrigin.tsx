import { useMutation, useQueryClient } from "@tanstack/react-query";
import { originsQuery, type Schemas, useIntegrations } from "../../api/configuration.ts";
import { useClient, useWorkspace } from "../../api/context.tsx";
import { isProblem } from "../../api/problem.ts";
import { paths } from "../../lib/paths.ts";
import { Confirm } from "../../ui/Dialog.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { Link } from "../../ui/Link.tsx";
import { Banner, problemText } from "../../ui/Problem.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Origins.module.css";

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
  const { error } = remove;
  const inUse = isProblem(error) && error.code === "has_dependents";
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
      {error && (
        <Banner tone="bad" alert>
          <Foreign text={problemText(error, words)} />
        </Banner>
      )}
      {inUse && <Dependents origin={origin.id} />}
      <p>{w.deleteText}</p>
    </Confirm>
  );
}

function Dependents({ origin }: { origin: string }) {
  const w = useWords().home.origins;
  const { id: ws } = useWorkspace();
  const own = useIntegrations().data?.filter((one) => one.origin === origin) ?? [];
  if (own.length === 0) return null;
  return (
    <div>
      <p>{w.dependents}</p>
      <ul className={styles.dependents}>
        {own.map((one) => (
          <li key={one.id}>
            <Link href={paths.integration(ws, one.id)}>
              <Foreign text={one.name} />
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
