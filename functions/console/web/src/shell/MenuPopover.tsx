import { Menu, type MenuProps, Popover } from "react-aria-components";
import { Aria } from "../ui/Aria.tsx";
import { cx } from "../ui/cx.ts";
import styles from "./Menu.module.css";
import type { OpenMenu } from "./MenuButton.tsx";

interface Props extends MenuProps<object> {
  open: OpenMenu;
  label: string;
  at: "bottom start" | "bottom end";
}

/** The menu below a button of the bars. */
export function MenuPopover({ open, label, at, ...menu }: Props) {
  return (
    <Aria>
      <Popover
        isOpen
        onOpenChange={(isOpen) => !isOpen && open.onClose()}
        triggerRef={open.trigger}
        placement={at}
        aria-label={label}
        className={cx(styles.popover)}
      >
        <Menu
          {...menu}
          aria-label={label}
          autoFocus="first"
          onClose={open.onClose}
          className={cx(styles.menu)}
        />
      </Popover>
    </Aria>
  );
}
