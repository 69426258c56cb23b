import { MenuItem } from "react-aria-components";
import type { WorkspaceOfSession } from "../api/session.ts";
import { plainText } from "../lib/foreign.ts";
import { paths } from "../lib/paths.ts";
import { cx } from "../ui/cx.ts";
import { useWords } from "../words/index.ts";
import styles from "./Menu.module.css";
import type { OpenMenu } from "./MenuButton.tsx";
import { MenuPopover } from "./MenuPopover.tsx";

interface Props extends OpenMenu {
  here: string;
  all: readonly WorkspaceOfSession[];
}

/** The workspaces of the reader. */
export function WorkspaceMenuList({ here, all, ...open }: Props) {
  const w = useWords().common.nav;
  return (
    <MenuPopover
      open={open}
      label={w.workspace}
      at="bottom start"
      selectionMode="single"
      selectedKeys={[here]}
    >
      {all.map((one) => (
        <MenuItem
          key={one.id}
          id={one.id}
          href={paths.home(one.id)}
          textValue={plainText(one.name)}
          className={cx(styles.item)}
        >
          <bdi>{plainText(one.name)}</bdi>
        </MenuItem>
      ))}
    </MenuPopover>
  );
}
