import { useQuery } from "@tanstack/react-query";
import { iconQuery } from "../../api/configuration.ts";
import { useClient } from "../../api/context.tsx";
import { Icon } from "../../ui/Icon.tsx";
import styles from "./ApplicationIcon.module.css";

/** The sign of an application. The name beside it names it. */
export function ApplicationIcon(props: { path: string | undefined; size?: number }) {
  const client = useClient();
  const size = props.size ?? 20;
  const icon = useQuery({
    ...iconQuery(client, props.path ?? ""),
    enabled: props.path !== undefined,
  });
  if (icon.data === undefined) {
    return (
      <span className={styles.none}>
        <Icon name="link" size={size} />
      </span>
    );
  }
  return <img src={icon.data} alt="" width={size} height={size} className={styles.icon} />;
}
