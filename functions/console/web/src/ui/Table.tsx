import { type KeyboardEvent, type ReactNode, useCallback, useRef, useState } from "react";
import {
  Table as AriaTable,
  Button,
  Cell,
  Checkbox,
  Column,
  Row,
  type Selection,
  TableBody,
  TableHeader,
} from "react-aria-components";
import { plainText } from "../lib/foreign.ts";
import { keyOf, rowMenuKey } from "../lib/keys.ts";
import { usePreferences } from "../lib/preferences.ts";
import { isTyping } from "../lib/typing.ts";
import { useWords } from "../words/index.ts";
import { Button as PressButton } from "./Button.tsx";
import { cx } from "./cx.ts";
import { type MenuAction, MenuAt } from "./Menu.tsx";
import { Skeleton } from "./Skeleton.tsx";
import styles from "./Table.module.css";

export type ColumnOf<T> = {
  id: string;
  header: string;
  /** The first column's cell holds the link of the row (`ui/Link`). */
  cell: (item: T) => ReactNode;
  align?: "end";
  /** Left out below 1,000 px. */
  secondary?: boolean;
  /** Takes what the other columns leave. */
  grow?: boolean;
};

export type TableProps<T> = {
  label: string;
  items: readonly T[];
  /** The first column names the row and holds its link. */
  columns: readonly ColumnOf<T>[];
  idOf: (item: T) => string;
  /** The name of a row for readers: the title of its menu. */
  nameOf: (item: T) => string;
  onOpen: (id: string) => void;
  actionsOf?: (item: T) => readonly MenuAction[];
  selected?: ReadonlySet<string>;
  onSelect?: (ids: ReadonlySet<string>) => void;
  /** Selects everything that the filter matches, not only the rows that are loaded. */
  onAll?: (() => void) | undefined;
  /** The row whose details are open. */
  open?: string | undefined;
  /** Rows that just came. */
  marked?: ReadonlySet<string> | undefined;
  /** Another filter is being loaded; the rows before stay. */
  stale?: boolean;
  loading?: boolean;
  empty: ReactNode;
  more?: { load: () => void; loading: boolean } | undefined;
};

const ARROWS = { down: "ArrowDown", up: "ArrowUp" };

/**
 * Rows of one kind. One row is in the tab order; arrows, Home, End, Page Up and Page Down move; Enter opens, Space
 * selects, Shift makes ranges; Shift-F10 and the context key open the row's menu; the letters are those of
 * `lib/keys`. Below 720 px every row is a card.
 */
export function Table<T extends object>(props: TableProps<T>) {
  const { common } = useWords();
  if (props.loading) return <Skeleton rows lines={8} />;
  if (props.items.length === 0 && !props.more) return <>{props.empty}</>;
  return (
    <>
      <Grid {...props} />
      {props.more && (
        <div className={styles.more}>
          <PressButton busy={props.more.loading} onPress={props.more.load}>
            {common.loadMore}
          </PressButton>
        </div>
      )}
    </>
  );
}

function Grid<T extends object>(props: TableProps<T>) {
  const { parts } = useWords();
  const { shortcuts } = usePreferences();
  const [menu, setMenu] = useState<{ id: string; anchor: Element } | null>(null);
  const place = useRef<HTMLDivElement>(null);
  const { columns, open, marked, nameOf, idOf } = props;
  const hasMenu = props.actionsOf !== undefined;
  const selecting = props.selected !== undefined && props.onSelect !== undefined;

  function onKeyDown(event: KeyboardEvent): void {
    if (!(event.target instanceof HTMLElement)) return;
    const row = event.target.closest<HTMLElement>("tr[data-key]");
    if (!row || isTyping(event.nativeEvent)) return;
    if (rowMenuKey(event) && props.actionsOf) {
      event.preventDefault();
      event.stopPropagation();
      openMenu(row.dataset.key ?? "", row);
      return;
    }
    const key = shortcuts ? keyOf(event, "list") : undefined;
    if (!key) return;
    // The letter would be taken as type-ahead.
    event.preventDefault();
    event.stopPropagation();
    if (key === "all") props.onAll?.();
    if (key === "whole") row.querySelector<HTMLElement>("a[href]")?.click();
    if (key === "down" || key === "up") {
      // The grid's own arrows do what the letters mean.
      const arrow = { key: ARROWS[key], bubbles: true, cancelable: true };
      event.target.dispatchEvent(new globalThis.KeyboardEvent("keydown", arrow));
    }
  }

  const openMenu = useCallback((id: string, row: Element | null) => {
    const anchor = row?.querySelector("[aria-haspopup]");
    if (anchor) setMenu({ id, anchor });
  }, []);
  const closeMenu = useCallback(() => setMenu(null), []);
  const withMenu = menu && props.items.find((item) => idOf(item) === menu.id);

  function select(chosen: Selection): void {
    const ids = chosen === "all" ? props.items.map(props.idOf) : [...chosen].map(String);
    props.onSelect?.(new Set(ids));
  }

  return (
    <div
      ref={place}
      className={cx(styles.scroll)}
      onKeyDownCapture={onKeyDown}
      data-stale={props.stale || undefined}
      aria-busy={props.stale ?? false}
    >
      <AriaTable
        aria-label={props.label}
        className={cx(styles.table, selecting && styles.selecting)}
        selectionMode={selecting ? "multiple" : "none"}
        {...(selecting ? { selectedKeys: new Set(props.selected), onSelectionChange: select } : {})}
        onRowAction={(key) => props.onOpen(String(key))}
      >
        <TableHeader>
          {selecting && (
            <Column className={cx(styles.head, styles.check)}>
              <Tick />
            </Column>
          )}
          {columns.map((column, at) => (
            <Column
              key={column.id}
              id={column.id}
              isRowHeader={at === 0}
              className={cx(styles.head, ...lookOf(column, at))}
            >
              {column.header}
            </Column>
          ))}
          {props.actionsOf && (
            <Column className={cx(styles.head, styles.menu)}>
              <span className="visually-hidden">{parts.table.actions}</span>
            </Column>
          )}
        </TableHeader>
        <TableBody
          items={props.items}
          dependencies={[columns, hasMenu, open, marked, menu, nameOf, idOf, selecting]}
        >
          {(item) => (
            <ItemRow
              id={idOf(item)}
              item={item}
              name={plainText(nameOf(item), 80)}
              columns={columns}
              look={cx(
                open === idOf(item) && styles.open,
                marked?.has(idOf(item)) && styles.marked,
              )}
              selecting={selecting}
              menu={hasMenu ? { isOpen: menu?.id === idOf(item), open: openMenu } : undefined}
            />
          )}
        </TableBody>
      </AriaTable>
      {menu && withMenu && props.actionsOf && (
        <MenuAt
          label={parts.table.actionsFor(plainText(nameOf(withMenu), 80))}
          actions={props.actionsOf(withMenu)}
          anchor={menu.anchor}
          onClose={closeMenu}
        />
      )}
    </div>
  );
}

/** A cell that is only a text can be a name. */
const shown = (cell: ReactNode) => (typeof cell === "string" ? plainText(cell) : cell);

function lookOf<T>(column: ColumnOf<T>, at: number): (string | undefined | false)[] {
  return [
    at === 0 && styles.first,
    column.align === "end" && styles.end,
    column.secondary && styles.secondary,
    column.grow && styles.grow,
  ];
}

/** The box is drawn by the styles: a row has no element that only looks. */
function Tick() {
  return <Checkbox slot="selection" className={cx(styles.tick)} />;
}

function ItemRow<T extends object>(props: {
  id: string;
  item: T;
  name: string;
  columns: readonly ColumnOf<T>[];
  look: string;
  selecting: boolean;
  menu: { isOpen: boolean; open: (id: string, row: Element | null) => void } | undefined;
}) {
  const { id, item, name, menu } = props;
  const { parts } = useWords();
  return (
    <Row id={id} textValue={name} className={cx(styles.row, props.look)}>
      {props.selecting && (
        <Cell className={cx(styles.cell, styles.check)}>
          <Tick />
        </Cell>
      )}
      {props.columns.map((column, at) => (
        // Cards have no header row: the styles show the name, which readers have from the grid.
        <Cell
          key={column.id}
          className={cx(styles.cell, ...lookOf(column, at))}
          data-label={column.header}
        >
          {shown(column.cell(item))}
        </Cell>
      ))}
      {menu && (
        <Cell className={cx(styles.cell, styles.menu)}>
          <Button
            className={cx(styles.dots)}
            aria-label={parts.table.actionsFor(name)}
            aria-haspopup="menu"
            aria-expanded={menu.isOpen}
            onPress={({ target }) => menu.open(id, target.closest("tr"))}
          />
        </Cell>
      )}
    </Row>
  );
}
