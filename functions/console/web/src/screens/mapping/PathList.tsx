import type { Schemas } from "../../api/configuration.ts";
import { plainText } from "../../lib/foreign.ts";
import { useWords } from "../../words/index.ts";
import styles from "./Mapping.module.css";

/** The values of a body that is no JSON, such as a form's, with the paths by which mappings read them. */
export function PathList(props: {
  paths: Schemas["Preview"]["paths"];
  onPick: (path: string, value: unknown) => void;
}) {
  const { mapping: words } = useWords();
  if (props.paths.length === 0) return <p className={styles.hint}>{words.sample.none}</p>;
  return (
    <ul className={styles.paths} aria-label={words.sample.paths}>
      {props.paths.map(({ path, value }) => (
        <li key={path}>
          <button
            type="button"
            className={styles.pathRow}
            onClick={() => props.onPick(path, value)}
          >
            <code>{plainText(path)}</code>
            <bdi>{plainText(typeof value === "string" ? value : JSON.stringify(value))}</bdi>
          </button>
        </li>
      ))}
    </ul>
  );
}
