import { type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from "react";
import {
  Autocomplete,
  Button,
  Dialog,
  DialogTrigger,
  Input,
  ListBox,
  ListBoxItem,
  Popover,
  SearchField,
  type Selection,
  useFilter,
} from "react-aria-components";
import { plainText } from "../lib/foreign.ts";
import { useKey } from "../lib/useKey.ts";
import { useWords } from "../words/index.ts";
import { Button as PressButton } from "./Button.tsx";
import { cx } from "./cx.ts";
import styles from "./Filters.module.css";
import { Icon } from "./Icon.tsx";

/** `push` makes an entry of the history, `replace` changes the one there is. */
export type Step = "push" | "replace";

export type FilterChoice = {
  id: string;
  label: string;
  /** A picture or a mark before the label. */
  mark?: ReactNode;
  /** A second line, such as the origin of an integration. */
  about?: string | undefined;
};

/** Choices from which a search stands above them. */
const SEARCH_FROM = 8;

/** The filters of a list, in a row; `onClear` is given only while one is set. */
export function FilterBar(props: { children: ReactNode; onClear?: (() => void) | undefined }) {
  const { parts } = useWords();
  const place = useRef<HTMLElement>(null);
  const focusFirst = () => place.current?.querySelector<HTMLElement>("[data-filter]")?.focus();
  function clear(): void {
    props.onClear?.();
    focusFirst();
  }
  useKey("filter", focusFirst);
  useKey("clear", props.onClear && clear);
  return (
    <section ref={place} className={styles.bar} aria-label={parts.filters.bar}>
      {props.children}
      {props.onClear && (
        <PressButton kind="quiet" onPress={clear}>
          {parts.filters.clear}
        </PressButton>
      )}
    </section>
  );
}

/**
 * The button of one filter with its value, and × to take it away; Backspace and Delete do so too. `children` is what
 * its popover holds.
 */
export function FilterButton(props: {
  label: string;
  value: string | null;
  onRemove: () => void;
  isOpen?: boolean;
  onOpenChange: (open: boolean) => void;
  wide?: boolean;
  icon?: "calendar";
  children: ReactNode;
}) {
  const { parts } = useWords();
  const button = useRef<HTMLButtonElement>(null);
  const set = props.value !== null;
  function remove(): void {
    props.onRemove();
    button.current?.focus();
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (set && (event.key === "Backspace" || event.key === "Delete")) {
      event.preventDefault();
      remove();
    }
  }
  const controlled = props.isOpen === undefined ? {} : { isOpen: props.isOpen };
  return (
    <span className={styles.filter} data-set={set || undefined}>
      <DialogTrigger {...controlled} onOpenChange={props.onOpenChange}>
        <Button ref={button} className={cx(styles.button)} data-filter="" onKeyDown={onKeyDown}>
          {props.icon && <Icon name={props.icon} />}
          <span className={styles.name}>{set ? `${props.label}:` : props.label}</span>
          {set && <span className={styles.value}>{props.value}</span>}
          {!set && <Icon name="down" size={14} />}
        </Button>
        <Popover className={cx(styles.popover, props.wide && styles.wide)} placement="bottom start">
          <Dialog className={cx(styles.dialog)} aria-label={props.label}>
            {props.children}
          </Dialog>
        </Popover>
      </DialogTrigger>
      {set && (
        <Button
          className={cx(styles.remove)}
          aria-label={parts.filters.remove(props.label)}
          onPress={remove}
        >
          <Icon name="cross" size={12} />
        </Button>
      )}
    </span>
  );
}

/** A filter that is a set of choices. The first change in an open popover is a new entry of the history. */
export function ChoiceFilter(props: {
  label: string;
  choices: readonly FilterChoice[];
  value: readonly string[];
  onChange: (value: string[], step: Step) => void;
  /** At most one choice. */
  single?: boolean;
}) {
  const { parts } = useWords();
  const { contains } = useFilter({ sensitivity: "base" });
  const changed = useRef(false);
  const [open, setOpen] = useState(false);
  const choices = useMemo(
    () => props.choices.map((one) => ({ ...one, label: plainText(one.label, 100) })),
    [props.choices],
  );
  const named = choices.filter(({ id }) => props.value.includes(id));
  // Values that are no choice any more (a deleted rule) still filter, so they still show.
  const names = [
    ...named.map(({ label }) => label),
    ...props.value.filter((id) => !named.some((choice) => choice.id === id)),
  ];

  function choose(selection: Selection): void {
    const ids =
      selection === "all" ? props.choices.map(({ id }) => id) : [...selection].map(String);
    props.onChange(ids, changed.current ? "replace" : "push");
    changed.current = true;
    if (props.single) setOpen(false);
  }

  const list = (
    <ListBox
      aria-label={props.label}
      items={choices}
      selectionMode={props.single ? "single" : "multiple"}
      selectedKeys={props.value}
      onSelectionChange={choose}
      // Without a choice the list itself would have the focus, where nobody sees it.
      autoFocus={props.choices.length < SEARCH_FROM && (props.value.length > 0 || "first")}
      // Escape closes the popover; what was chosen stays.
      escapeKeyBehavior="none"
      className={cx(styles.list)}
      renderEmptyState={() => <p className={styles.nothing}>{parts.filters.nothing}</p>}
    >
      {(choice) => (
        <ListBoxItem id={choice.id} textValue={choice.label} className={cx(styles.choice)}>
          {({ isSelected }) => (
            <>
              <span className={styles.box} data-single={props.single} data-on={isSelected}>
                <Icon name="check" size={12} />
              </span>
              {choice.mark}
              <span className={styles.text}>
                {choice.label}
                {choice.about && <span className={styles.about}>{choice.about}</span>}
              </span>
            </>
          )}
        </ListBoxItem>
      )}
    </ListBox>
  );
  return (
    <FilterButton
      label={props.label}
      value={summary(names, parts.filters.more)}
      onRemove={() => props.onChange([], "push")}
      isOpen={open}
      onOpenChange={(next) => {
        changed.current = false;
        setOpen(next);
      }}
    >
      {props.choices.length < SEARCH_FROM ? (
        list
      ) : (
        <Autocomplete filter={contains}>
          <SearchField aria-label={parts.filters.search} autoFocus className={cx(styles.search)}>
            <Icon name="search" />
            <Input placeholder={parts.filters.search} className={cx(styles.input)} />
          </SearchField>
          {list}
        </Autocomplete>
      )}
    </FilterButton>
  );
}

/** A filter that is one of its choices, or none. */
export function SingleFilter(props: {
  label: string;
  choices: readonly FilterChoice[];
  value: string | undefined;
  onChange: (value: string | undefined, step: Step) => void;
}) {
  return (
    <ChoiceFilter
      single
      label={props.label}
      choices={props.choices}
      value={props.value === undefined ? [] : [props.value]}
      onChange={([value], step) => props.onChange(value, step)}
    />
  );
}

function summary(
  names: readonly string[],
  more: (first: string, others: number) => string,
): string | null {
  const [first] = names;
  if (first === undefined) return null;
  return names.length <= 2 ? names.join(", ") : more(first, names.length - 1);
}
