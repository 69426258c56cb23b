import { Button, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { useSession, useWorkspace } from "../api/context.tsx";
import { paths } from "../lib/paths.ts";
import { Icon } from "../ui/Icon.tsx";
import { useWords } from "../words/index.ts";
import menu from "./Menu.module.css";
import styles from "./WorkspaceMenu.module.css";

/** The name of the workspace; with more than one, a menu that leads to the others. */
export function WorkspaceMenu({ name, folded }: { name: string; folded: boolean }) {
  const w = useWords().common;
  const here = useWorkspace();
  const state = useSession();
  const all = state.is === "in" || state.is === "ended" ? state.session.workspaces : [here];
  const face = (
    <>
      <span className={styles.mark} aria-hidden="true">
        {[...name][0]?.toUpperCase()}
      </span>
      {!folded && (
        <span className={styles.text}>
          <bdi className={styles.name}>{name}</bdi>
          <span className={styles.role}>{w.roles[here.role]}</span>
        </span>
      )}
    </>
  );
  if (all.length < 2) return <div className={styles.face}>{face}</div>;
  return (
    <MenuTrigger>
      <Button className={styles.face ?? ""} aria-label={`${w.nav.workspace}: ${name}`}>
        {face}
        {!folded && <Icon name="down" />}
      </Button>
      <Popover className={menu.popover ?? ""} placement="bottom start">
        <Menu
          className={menu.menu ?? ""}
          selectionMode="single"
          selectedKeys={[here.id]}
          aria-label={w.nav.workspace}
        >
          {all.map((one) => (
            <MenuItem
              key={one.id}
              id={one.id}
              href={paths.home(one.id)}
              textValue={one.name}
              className={menu.item ?? ""}
            >
              <bdi>{one.name}</bdi>
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
