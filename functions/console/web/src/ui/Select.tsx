import type { ReactNode } from "react";
import {
  Select as AriaSelect,
  Button,
  ComboBox,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  SelectValue,
  Text,
} from "react-aria-components";
import { plainText } from "../lib/foreign.ts";
import { useWords } from "../words/index.ts";
import { cx } from "./cx.ts";
import styles from "./Field.module.css";
import { Icon } from "./Icon.tsx";

export type Option = {
  id: string;
  label: string;
  /** A second line below the label. */
  about?: string | undefined;
  disabled?: boolean;
};

export type SelectProps = {
  label: string;
  name: string;
  options: readonly Option[];
  /** Null: nothing is chosen. */
  value: string | null;
  onChange: (id: string) => void;
  error?: string | undefined;
  hint?: ReactNode;
  required?: boolean;
  placeholder?: string;
  disabled?: boolean;
};

function Choice({ option }: { option: Option }) {
  const label = plainText(option.label);
  return (
    <ListBoxItem
      id={option.id}
      textValue={label}
      isDisabled={option.disabled ?? false}
      className={cx(styles.option)}
    >
      {({ isSelected }) => (
        <>
          {isSelected ? <Icon name="check" size={14} /> : <span />}
          <span>
            {label}
            {option.about && <span className={styles.about}>{plainText(option.about)}</span>}
          </span>
        </>
      )}
    </ListBoxItem>
  );
}

/** One of a few choices. */
export function Select(props: SelectProps) {
  const { parts } = useWords();
  return (
    <AriaSelect
      name={props.name}
      value={props.value}
      onChange={(key) => {
        if (typeof key === "string") props.onChange(key);
      }}
      placeholder={props.placeholder ?? ""}
      isInvalid={Boolean(props.error)}
      isDisabled={props.disabled ?? false}
      validationBehavior="aria"
      className={cx(styles.field)}
    >
      <Label className={cx(styles.label)}>
        {props.label}
        {!props.required && <span className={styles.optional}>{parts.optional}</span>}
      </Label>
      <Button className={cx(styles.input, styles.trigger)} data-field={props.name}>
        <SelectValue>
          {({ selectedText, isPlaceholder, defaultChildren }) =>
            isPlaceholder ? defaultChildren : selectedText
          }
        </SelectValue>
        <Icon name="down" />
      </Button>
      {props.hint && (
        <Text slot="description" className={cx(styles.hint)}>
          {props.hint}
        </Text>
      )}
      <FieldError className={cx(styles.error)}>{props.error}</FieldError>
      <Popover className={cx(styles.popover)}>
        <ListBox items={props.options} className={cx(styles.list)}>
          {(option) => <Choice option={option} />}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}

/** One of many choices, found by typing. */
export function Combo(props: SelectProps & { autoFocus?: boolean }) {
  const { parts } = useWords();
  return (
    <ComboBox
      name={props.name}
      defaultItems={props.options}
      value={props.value}
      onChange={(key) => {
        if (typeof key === "string") props.onChange(key);
      }}
      isInvalid={Boolean(props.error)}
      isDisabled={props.disabled ?? false}
      validationBehavior="aria"
      menuTrigger="focus"
      className={cx(styles.field)}
    >
      <Label className={cx(styles.label)}>
        {props.label}
        {!props.required && <span className={styles.optional}>{parts.optional}</span>}
      </Label>
      <div className={styles.combo}>
        <Input placeholder={props.placeholder ?? ""} className={cx(styles.input)} />
        <Button className={cx(styles.open)}>
          <Icon name="down" />
        </Button>
      </div>
      {props.hint && (
        <Text slot="description" className={cx(styles.hint)}>
          {props.hint}
        </Text>
      )}
      <FieldError className={cx(styles.error)}>{props.error}</FieldError>
      <Popover className={cx(styles.popover)}>
        <ListBox className={cx(styles.list)}>
          {(option: Option) => <Choice option={option} />}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
