import { useWords } from "../words/index.ts";
import styles from "./Skeleton.module.css";

/** Holds the place of lines that are being loaded. It is seen after 200 ms. */
export function Skeleton(props: { lines?: number; rows?: boolean }) {
  const { common } = useWords();
  const lines = Array.from({ length: props.lines ?? 3 }, (_, line) => line);
  return (
    <div className={styles.skeleton} data-rows={props.rows} role="status">
      <span className="visually-hidden">{common.loading}</span>
      {lines.map((line) => (
        <span key={line} className={styles.line} data-short={line % 3 === 2} />
      ))}
    </div>
  );
}
