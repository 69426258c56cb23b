import { FieldError, Label, Radio, RadioGroup } from "react-aria-components";
import { cx } from "./cx.ts";
import { Foreign } from "./Foreign.tsx";
import styles from "./Radios.module.css";
import type { Option } from "./Select.tsx";

/** One of a few choices that are all seen, each with a second line that says what it means. */
export function Radios<Id extends string>(props: {
  label: string;
  name: string;
  options: readonly (Option & { id: Id })[];
  value: Id | null;
  onChange: (id: Id) => void;
  error?: string | undefined;
  /** Beside each other instead of below. */
  row?: boolean;
  /** The title above says the label already. */
  titled?: boolean;
}) {
  return (
    <RadioGroup
      name={props.name}
      value={props.value}
      onChange={(id) => {
        const option = props.options.find((one) => one.id === id);
        if (option) props.onChange(option.id);
      }}
      isInvalid={Boolean(props.error)}
      validationBehavior="aria"
      className={cx(styles.group)}
    >
      <Label className={cx(props.titled ? "visually-hidden" : styles.label)}>{props.label}</Label>
      <div className={cx(props.row ? styles.row : styles.column)}>
        {props.options.map((option) => (
          <Radio
            key={option.id}
            value={option.id}
            isDisabled={option.disabled ?? false}
            className={cx(styles.radio)}
          >
            <span className={styles.dot} />
            <span className={styles.text}>
              <Foreign text={option.label} />
              {option.about && <span className={styles.about}>{option.about}</span>}
            </span>
          </Radio>
        ))}
      </div>
      <FieldError className={cx(styles.error)}>{props.error}</FieldError>
    </RadioGroup>
  );
}
