import { Checkbox, CheckboxGroup, Label } from "react-aria-components";
import styles from "./Checks.module.css";
import { cx } from "./cx.ts";

/** Several of a few choices. */
export function Checks(props: {
  label: string;
  hint?: string;
  options: readonly { id: string; label: string }[];
  value: readonly string[];
  onChange: (value: string[]) => void;
}) {
  return (
    <CheckboxGroup className={cx(styles.checks)} value={[...props.value]} onChange={props.onChange}>
      <Label className={cx(styles.label)}>
        {props.label}
        {props.hint && <span className={styles.hint}>{props.hint}</span>}
      </Label>
      <div className={styles.row}>
        {props.options.map((option) => (
          <Checkbox key={option.id} value={option.id} className={cx(styles.check)}>
            <span className={styles.box} />
            {option.label}
          </Checkbox>
        ))}
      </div>
    </CheckboxGroup>
  );
}
