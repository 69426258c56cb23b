import { useQuery } from "@tanstack/react-query";
import { iconQuery } from "../api/configuration.ts";
import { useClient } from "../api/context.tsx";
import styles from "./AppIcon.module.css";
import { Icon } from "./Icon.tsx";

/** The icon of an application. It is beside the name, so it has none of its own. */
export function AppIcon({ path, size = 20 }: { path: string | null | undefined; size?: number }) {
  const client = useClient();
  const { data } = useQuery({ ...iconQuery(client, path ?? ""), enabled: Boolean(path) });
  if (data === undefined) {
    return (
      <span className={styles.none}>
        <Icon name="link" size={size - 4} />
      </span>
    );
  }
  return <img className={styles.icon} src={data} alt="" width={size} height={size} />;
}
