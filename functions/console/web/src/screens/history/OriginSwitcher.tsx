import { Button } from "react-aria-components";
import { useOrigins } from "../../api/configuration.ts";
import { useWorkspace } from "../../api/context.tsx";
import { paths } from "../../lib/paths.ts";
import { Foreign } from "../../ui/Foreign.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { useWords } from "../../words/index.ts";
import styles from "./History.module.css";

/** The title with the origin's name, which leads to the histories of the others. */
export function OriginSwitcher({ origin }: { origin: string }) {
  const w = useWords().history;
  const { id: ws } = useWorkspace();
  const { data } = useOrigins();
  const here = data?.find((one) => one.id === origin);
  const others = data?.filter((one) => one.id !== origin) ?? [];
  return (
    <span className={styles.heading}>
      {w.title}
      {here && others.length === 0 && (
        <span className={styles.quiet}>
          · <Foreign text={here.name} />
        </span>
      )}
      {here && others.length > 0 && (
        <Menu
          label={w.switchOrigin}
          actions={others.map((one) => ({
            id: one.id,
            label: one.name,
            href: paths.history(ws, one.id),
          }))}
        >
          <Button className={styles.switcher ?? ""} aria-label={`${w.switchOrigin}: ${here.name}`}>
            <Foreign text={here.name} />
            <Icon name="down" size={14} />
          </Button>
        </Menu>
      )}
    </span>
  );
}
