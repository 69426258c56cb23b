import type { WorkspaceOfSession } from "../../api/session.ts";
import { paths } from "../../lib/paths.ts";
import { Foreign } from "../../ui/Foreign.tsx";
import { Link } from "../../ui/Link.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./Me.module.css";

/** The reader's role in each workspace. */
export function Access({ workspaces }: { workspaces: readonly WorkspaceOfSession[] }) {
  const w = useWords();
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">{w.settings.me.workspace}</th>
          <th scope="col">{w.settings.me.role}</th>
        </tr>
      </thead>
      <tbody>
        {workspaces.map((one) => (
          <tr key={one.id}>
            <td>
              <Link href={paths.home(one.id)}>
                <Foreign text={one.name} />
              </Link>
            </td>
            <td>{w.common.roles[one.role]}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
