import { useQuery } from "@tanstack/react-query";
import { useClient, useWorkspace } from "../../api/context.tsx";
import { newestNoticesQuery } from "../../api/home.ts";
import { paths } from "../../lib/paths.ts";
import { Foreign } from "../../ui/Foreign.tsx";
import { Link } from "../../ui/Link.tsx";
import { Time } from "../../ui/Time.tsx";
import { useWords } from "../../words/index.ts";
import { Card } from "./Card.tsx";
import styles from "./Home.module.css";

/** The three newest notices. */
export function Notices() {
  const w = useWords().home;
  const client = useClient();
  const { id: ws } = useWorkspace();
  const query = useQuery(newestNoticesQuery(client));
  const all = <Link href={paths.notices(ws)}>{w.allNotices}</Link>;
  return (
    <Card title={w.notices} query={query} action={all} lines={3}>
      {(notices) =>
        notices.length === 0 ? (
          <p className={styles.muted}>{w.noNotices}</p>
        ) : (
          <ul className={styles.rows}>
            {notices.map((notice) => (
              <li key={notice.id} className={styles.row}>
                <span className={styles.rowHead}>
                  <strong>
                    <Foreign text={notice.title} />
                  </strong>
                  <Time at={notice.at} />
                </span>
                <span className={styles.excerpt}>
                  <Foreign text={notice.text} />
                </span>
              </li>
            ))}
          </ul>
        )
      }
    </Card>
  );
}
