import { useRules } from "../../api/configuration.ts";
import { useWorkspace } from "../../api/context.tsx";
import { paths } from "../../lib/paths.ts";
import { Empty } from "../../ui/Empty.tsx";
import { Foreign } from "../../ui/Foreign.tsx";
import { ButtonLink, Link } from "../../ui/Link.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { useWords } from "../../words/index.ts";
import { useTypeLabel } from "../deliveries/columns.tsx";
import type { Endpoint } from "../endpoints/useEndpointActions.tsx";
import styles from "./Endpoint.module.css";

/** The rules that send to an endpoint. */
export function EndpointRules({ endpoint }: { endpoint: Endpoint }) {
  const texts = useWords().endpoints.one.rules;
  const { id: ws } = useWorkspace();
  const label = useTypeLabel();
  const { data, isPending } = useRules();
  if (isPending) return <Skeleton />;
  const rules = (data ?? []).filter(
    ({ target }) => "endpoint" in target && target.endpoint === endpoint.id,
  );
  const create = (
    <ButtonLink href={paths.newRule(ws, { endpoint: endpoint.id })}>{texts.new}</ButtonLink>
  );
  if (rules.length === 0) return <Empty icon="code" title={texts.none} action={create} />;
  return (
    <div className={styles.stack}>
      <ul className={styles.rows}>
        {rules.map((rule) => (
          <li key={rule.id}>
            <Link href={paths.rule(ws, rule.id)}>
              <Foreign text={rule.name} />
            </Link>
            <span className={styles.muted}>
              {rule.method} · {rule.filter.types.map(label).join(", ")}
              {!rule.active && ` · ${texts.inactive}`}
            </span>
          </li>
        ))}
      </ul>
      <div>{create}</div>
    </div>
  );
}
