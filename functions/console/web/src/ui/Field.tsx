import type { HTMLInputAutoCompleteAttribute, ReactNode } from "react";
import {
  TextField as AriaTextField,
  FieldError,
  Input,
  Label,
  Text,
  TextArea,
} from "react-aria-components";
import { useWords } from "../words/index.ts";
import { cx } from "./cx.ts";
import styles from "./Field.module.css";

export type FieldProps = {
  label: string;
  /** The path of the field in the API's request, by which a refusal finds it. */
  name: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  hint?: ReactNode;
  required?: boolean;
  lines?: number;
  type?: "text" | "url" | "email" | "password" | "number";
  code?: boolean;
  readOnly?: boolean;
  autoFocus?: boolean;
  autoComplete?: HTMLInputAutoCompleteAttribute;
  placeholder?: string;
  maxLength?: number;
  onBlur?: () => void;
};

/** A text field with its label, its hint and, when refused, the reason. */
export function TextInput(props: FieldProps) {
  const { parts } = useWords();
  const look = cx(styles.input, props.code && styles.code);
  return (
    <AriaTextField
      name={props.name}
      value={props.value}
      onChange={props.onChange}
      isInvalid={Boolean(props.error)}
      isRequired={props.required ?? false}
      // The server's word counts: the browser's own balloons would come before it.
      validationBehavior="aria"
      isReadOnly={props.readOnly ?? false}
      autoFocus={props.autoFocus ?? false}
      type={props.type ?? "text"}
      autoComplete={props.autoComplete ?? "off"}
      {...(props.maxLength ? { maxLength: props.maxLength } : {})}
      {...(props.onBlur ? { onBlur: props.onBlur } : {})}
      className={cx(styles.field)}
    >
      <Label className={cx(styles.label)}>
        {props.label}
        {!props.required && <span className={styles.optional}>{parts.optional}</span>}
      </Label>
      {props.lines ? (
        <TextArea rows={props.lines} placeholder={props.placeholder ?? ""} className={look} />
      ) : (
        <Input placeholder={props.placeholder ?? ""} className={look} />
      )}
      {props.hint && (
        <Text slot="description" className={cx(styles.hint)}>
          {props.hint}
        </Text>
      )}
      <FieldError className={cx(styles.error)}>{props.error}</FieldError>
    </AriaTextField>
  );
}

/** Fields that belong together, with a title. */
export function Fields(props: { legend: string; hint?: ReactNode; children: ReactNode }) {
  return (
    <fieldset className={styles.group}>
      <legend className={styles.legend}>{props.legend}</legend>
      {props.hint && <p className={styles.hint}>{props.hint}</p>}
      {props.children}
    </fieldset>
  );
}
