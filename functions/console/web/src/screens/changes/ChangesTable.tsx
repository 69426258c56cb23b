import type { ReactNode } from "react";
import { isSame } from "../../lib/diff.ts";
import { cx } from "../../ui/cx.ts";
import { Foreign } from "../../ui/Foreign.tsx";
import { useWords, type Words } from "../../words/index.ts";
import styles from "./Changes.module.css";
import type { Description } from "./fields.ts";

/** Fields that differ, a row each. A value that is not the one of the column before stands out. */
export function ChangesTable<R>(props: {
  label: string;
  columns: readonly string[];
  rows: readonly { path: string; values: readonly unknown[] }[];
  description: Pick<Description<R>, "label" | "text">;
}) {
  const { columns, rows, description } = props;
  const words = useWords();
  return (
    <div className={styles.changes}>
      <table className={styles.table} aria-label={props.label}>
        <thead>
          <tr>
            {[words.changes.field, ...columns].map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ path, values }) => (
            <tr key={path}>
              <th scope="row">{description.label(path)}</th>
              {columns.map((column, at) => (
                <Cell
                  key={column}
                  column={column}
                  isChanged={at > 0 && !isSame(values[at], values[at - 1])}
                >
                  <Foreign
                    block
                    text={description.text?.(path, values[at]) ?? plainValue(values[at], words)}
                  />
                </Cell>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell(props: { column: string; isChanged: boolean; children: ReactNode }) {
  return (
    <td data-column={props.column} className={cx(props.isChanged && styles.changed)}>
      {props.children}
    </td>
  );
}

/** A value that has no words of its own. */
function plainValue(value: unknown, { parts }: Words): string {
  if (value === undefined || value === null || value === "") return "—";
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? parts.yes : parts.no;
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) {
    return value.length === 0 ? "—" : value.join(", ");
  }
  return JSON.stringify(value);
}
