import { useQuery } from "@tanstack/react-query";
import { useIntegrations, useRules } from "../../api/configuration.ts";
import { useClient, useWorkspace } from "../../api/context.tsx";
import { kindOfId, tailOf } from "../../lib/ids.ts";
import { paths } from "../../lib/paths.ts";
import { problemText } from "../../lib/problemText.ts";
import { Foreign } from "../../ui/Foreign.tsx";
import type { FormProblem } from "../../ui/Form.tsx";
import { Link } from "../../ui/Link.tsx";
import { Banner } from "../../ui/Problem.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Changes.module.css";
import { isConflict } from "./Conflict.tsx";
import { dependentsOf } from "./dependents.ts";

/** The refusal of a form without those that its banner does not show: a dialog asks, or `Refusal` has links. */
export function bannerOf(problem: FormProblem): FormProblem {
  const isApart = isConflict(problem.error) || dependentsOf(problem.error) !== undefined;
  return isApart ? { ...problem, error: null } : problem;
}

/** The things that stand in the way of a deletion or a change, each a link; any other refusal is its sentence. */
export function Refusal({ error }: { error: unknown }) {
  const words = useWords();
  const w = words.changes;
  if (error === null || error === undefined) return null;
  const dependents = dependentsOf(error);
  return (
    <Banner tone="bad" alert>
      {dependents ? (
        <>
          <p>{w.inUse}</p>
          <ul className={styles.dependents}>
            {dependents.ids.map((id) => (
              <li key={id}>
                <Dependent id={id} />
              </li>
            ))}
            {dependents.more && <li>{w.more}</li>}
          </ul>
        </>
      ) : (
        <Foreign text={problemText(error, words)} />
      )}
    </Banner>
  );
}

function Dependent({ id }: { id: string }) {
  const kind = kindOfId(id);
  if (kind === "deal") return <Deal id={id} />;
  return kind === "rule" ? <Rule id={id} /> : <Integration id={id} />;
}

function Named(props: { href: string; kind: string; name: string }) {
  return (
    <>
      {props.kind}{" "}
      <Link href={props.href}>
        <Foreign text={props.name} />
      </Link>
    </>
  );
}

function Integration({ id }: { id: string }) {
  const { changes } = useWords();
  const ws = useWorkspace().id;
  const name = useIntegrations().data?.find((one) => one.id === id)?.name;
  const href = paths.integration(ws, id);
  return <Named kind={changes.integration} href={href} name={name ?? tailOf(id)} />;
}

function Rule({ id }: { id: string }) {
  const { changes } = useWords();
  const ws = useWorkspace().id;
  const name = useRules().data?.find((one) => one.id === id)?.name;
  return <Named kind={changes.rule} href={paths.rule(ws, id)} name={name ?? tailOf(id)} />;
}

function Deal({ id }: { id: string }) {
  const { changes } = useWords();
  const client = useClient();
  const deal = useQuery({
    queryKey: [client.workspace, "deal", id],
    queryFn: ({ signal }) => client.get("/v1/deals/{deal}", { path: { deal: id }, signal }),
  });
  const name = deal.data?.title || tailOf(id);
  return <Named kind={changes.deal} href={paths.deal(client.workspace, id)} name={name} />;
}
