import { type Schemas, useRules } from "../../api/configuration.ts";
import { useWorkspace } from "../../api/context.tsx";
import { paths } from "../../lib/paths.ts";
import { standardBody } from "../../lib/ruleBody.ts";
import { Foreign } from "../../ui/Foreign.tsx";
import { Json } from "../../ui/Json/Json.tsx";
import { Link } from "../../ui/Link.tsx";
import { useLanguage } from "../../ui/zone.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./EventTypes.module.css";

/** One event type: its fields in groups, an example of its body, the rules that take it. */
export function TypeDetail({ entry }: { entry: Schemas["EventTypeEntry"] }) {
  const { rules } = useWords();
  const w = rules.types;
  const language = useLanguage();
  const ws = useWorkspace().id;
  const takers = (useRules().data ?? []).filter((rule) => rule.filter.types.includes(entry.type));
  const body = entry.example ? standardBody(entry.type, entry.example, ws) : undefined;
  return (
    <div className={styles.detail}>
      <header>
        <h2>{entry.label[language]}</h2>
        <code className={styles.name}>{entry.type}</code>
      </header>
      <section className={styles.part}>
        <h3>{w.rulesOf}</h3>
        {takers.length === 0 && <p className={styles.muted}>{w.noRules}</p>}
        <ul className={styles.takers}>
          {takers.map((rule) => (
            <li key={rule.id}>
              <Link href={paths.rule(ws, rule.id)}>
                <Foreign text={rule.name} />
              </Link>
            </li>
          ))}
        </ul>
      </section>
      {body && (
        <section className={styles.part}>
          <h3>{w.example}</h3>
          <div className={styles.viewer}>
            <Json key={entry.type} text={JSON.stringify(body, null, 2)} label={w.example} />
          </div>
        </section>
      )}
      <section className={styles.part}>
        <h3>{w.fields}</h3>
        <div className={styles.scroll}>
          <table className={styles.fields}>
            <thead>
              <tr>
                <th scope="col">{w.label}</th>
                <th scope="col">{w.path}</th>
                <th scope="col">{w.kind}</th>
              </tr>
            </thead>
            {entry.groups.map((group) => (
              <tbody key={group.key}>
                <tr>
                  <th colSpan={3} scope="rowgroup" className={styles.groupName}>
                    {group.label[language]}
                  </th>
                </tr>
                {group.fields.map((field) => (
                  <tr key={field.path}>
                    <td>
                      {/* Fields of the workspace are named by people. */}
                      <Foreign text={field.label[language]} />
                    </td>
                    <td>
                      <code>{field.path}</code>
                    </td>
                    <td>{w.kinds[field.kind]}</td>
                  </tr>
                ))}
              </tbody>
            ))}
          </table>
        </div>
      </section>
    </div>
  );
}
