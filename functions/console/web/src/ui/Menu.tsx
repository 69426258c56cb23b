import { type ReactNode, useMemo } from "react";
import { Menu as AriaMenu, MenuItem, MenuTrigger, Popover, Separator } from "react-aria-components";
import { cx } from "./cx.ts";
import { Icon, type IconName } from "./Icon.tsx";
import styles from "./Menu.module.css";

export type MenuAction = {
  id: string;
  label: string;
  icon?: IconName;
  /** A link, which can be opened in a new tab. */
  href?: string;
  onAction?: () => void;
  /** The reason that it cannot be done now, shown below the label. */
  reason?: string | undefined;
  danger?: boolean;
  /** A line above. */
  apart?: boolean;
};

function items(actions: readonly MenuAction[]): ReactNode[] {
  return actions.flatMap((action) => [
    ...(action.apart ? [<Separator key={`${action.id} line`} className={cx(styles.line)} />] : []),
    <MenuItem
      key={action.id}
      id={action.id}
      textValue={action.label}
      isDisabled={Boolean(action.reason)}
      {...(action.href ? { href: action.href } : {})}
      {...(action.onAction ? { onAction: action.onAction } : {})}
      className={cx(styles.item, action.danger && styles.danger)}
    >
      <span className={styles.icon}>{action.icon && <Icon name={action.icon} />}</span>
      <span>
        {action.label}
        {action.reason && <span className={styles.reason}>{action.reason}</span>}
      </span>
    </MenuItem>,
  ]);
}

/** A button with a menu. `children` is the button. */
export function Menu(props: {
  label: string;
  actions: readonly MenuAction[];
  children: ReactNode;
}) {
  return (
    <MenuTrigger>
      {props.children}
      <Popover className={cx(styles.popover)} placement="bottom end">
        <AriaMenu aria-label={props.label} className={cx(styles.menu)}>
          {items(props.actions)}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}

/** A menu that is open beside an element: one for the rows of a table, whose buttons only say which row is meant. */
export function MenuAt(props: {
  label: string;
  actions: readonly MenuAction[];
  anchor: Element;
  onClose: () => void;
}) {
  const anchor = useMemo(() => ({ current: props.anchor }), [props.anchor]);
  return (
    <Popover
      className={cx(styles.popover)}
      placement="bottom end"
      triggerRef={anchor}
      aria-label={props.label}
      isOpen
      onOpenChange={(open) => {
        if (!open) props.onClose();
      }}
    >
      {/* Opened by a key of the page, the menu itself would have the focus, where nobody sees it. */}
      <AriaMenu
        aria-label={props.label}
        autoFocus="first"
        onClose={props.onClose}
        className={cx(styles.menu)}
      >
        {items(props.actions)}
      </AriaMenu>
    </Popover>
  );
}
