import { plainText } from "../../lib/foreign.ts";
import { useWords } from "../../words/index.ts";
import styles from "./Mapping.module.css";
import { useTargetLabel } from "./targets.ts";

/** The value of a field in words. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return "—";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The filled fields of a contact or a deal; custom ones lie one level deeper. */
function entries(entity: string, values: Record<string, unknown>): [string, unknown][] {
  return Object.entries(values).flatMap(([key, value]): [string, unknown][] => {
    if (key !== "custom" || typeof value !== "object" || value === null) {
      return [[`${entity}.${key}`, value]];
    }
    return Object.entries(value).map(([name, item]) => [`${entity}.custom.${name}`, item]);
  });
}

/** The filled fields of a contact or a deal, as a mapping made them. */
export function Entity(props: {
  title: string;
  entity: "contact" | "deal";
  values: Record<string, unknown>;
}) {
  const { mapping } = useWords();
  const labelOf = useTargetLabel();
  const found = entries(props.entity, props.values).filter(([, value]) => value !== null);
  const own = mapping.target(mapping.entities[props.entity], "");
  return (
    <div className={styles.entity}>
      <h3>{props.title}</h3>
      {found.length === 0 && <p className={styles.hint}>{mapping.result.nothing}</p>}
      <dl className={styles.values}>
        {found.map(([target, value]) => (
          <div key={target}>
            <dt>{labelOf(target).replace(own, "")}</dt>
            <dd>
              <bdi>
                {plainText(Array.isArray(value) ? value.map(shown).join(", ") : shown(value), 300)}
              </bdi>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
