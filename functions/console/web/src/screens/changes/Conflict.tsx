import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useClient } from "../../api/context.tsx";
import { type ApiProblem, isProblem } from "../../api/problem.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Problem } from "../../ui/Problem.tsx";
import { Time } from "../../ui/Time.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Changes.module.css";
import { ChangesTable } from "./ChangesTable.tsx";
import { conflictFields, type Description, isDecided } from "./fields.ts";

interface Versioned {
  id: string;
  version: number;
  updated_at: string;
}

/** A conflict as an editor knows it; how its resource is read and described is added by the resource. */
export interface ConflictOf<R extends Versioned> {
  error: ApiProblem;
  /** The resource as the reader opened it. */
  opened: R;
  /** The change that was refused, as it is sent over the newest version. */
  change: (theirs: R) => object;
  /** The same change is sent again for this version. */
  onKeep: (theirs: R) => void;
  /** The version for which the typed values are given up. */
  onTake: (theirs: R) => void;
  onClose: () => void;
}

type Props<R extends Versioned> = ConflictOf<R> & {
  read: (signal: AbortSignal) => Promise<R>;
  description: Description<R>;
};

/** A refusal because somebody else changed the resource after it was read. */
export function isConflict(error: unknown): error is ApiProblem {
  return isProblem(error) && error.code === "conflict";
}

/**
 * Somebody else saved meanwhile: what each side changed, field by field, and the reader decides. Where there is
 * nothing to decide, as where the other change is of fields that are not in this form, the change is sent again.
 */
export function Conflict<R extends Versioned>(props: Props<R>) {
  const { opened, description } = props;
  const words = useWords();
  const w = words.changes;
  const client = useClient();
  const newest = useQuery({
    // The refusal names the version that is there now: a later refusal reads again.
    queryKey: [client.workspace, "conflict", opened.id, props.error.params.version],
    gcTime: 0,
    queryFn: ({ signal }) => props.read(signal),
  });
  const theirs = newest.data;
  const fields =
    theirs &&
    conflictFields(
      description.of(opened),
      description.of(theirs),
      description.of({ ...theirs, ...props.change(theirs) }),
      description.isWhole,
    );
  const isSentAgain = fields !== undefined && isDecided(fields);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is sent once, when the newest version is read.
  useEffect(() => {
    if (theirs && isSentAgain) props.onKeep(theirs);
  }, [theirs, isSentAgain]);
  if (isSentAgain || (!theirs && !newest.error)) return null;
  return (
    <Dialog
      title={w.title}
      width="large"
      onClose={props.onClose}
      footer={
        theirs && (
          <>
            <Button onPress={() => props.onTake(theirs)}>{w.takeTheirs}</Button>
            <Button kind="primary" onPress={() => props.onKeep(theirs)}>
              {w.keepMine}
            </Button>
          </>
        )
      }
    >
      {newest.error && <Problem error={newest.error} onRetry={() => void newest.refetch()} />}
      {theirs && fields && (
        <>
          <p className={styles.when}>
            {w.savedAt} <Time at={theirs.updated_at} />
          </p>
          <ChangesTable
            label={w.title}
            columns={[w.opened, w.theirs, w.mine]}
            rows={fields.map(({ path, opened: before, theirs: now, mine }) => ({
              path,
              values: [before, now, mine],
            }))}
            description={description}
          />
          <p className={styles.hint}>{w.choose}</p>
        </>
      )}
    </Dialog>
  );
}
