import { Label, Radio, RadioGroup } from "react-aria-components";
import styles from "./Me.module.css";

interface Props<T extends string> {
  label: string;
  value: T;
  options: Record<T, string>;
  onChange: (value: T) => void;
}

/** A few words of which one is chosen. */
export function Choice<T extends string>({ label, value, options, onChange }: Props<T>) {
  const keys = Object.keys(options) as T[];
  const choose = (next: string) => {
    const found = keys.find((key) => key === next);
    if (found !== undefined) onChange(found);
  };
  return (
    <RadioGroup
      className={styles.choice ?? ""}
      value={value}
      onChange={choose}
      orientation="horizontal"
    >
      <Label>{label}</Label>
      <div className={styles.options}>
        {keys.map((key) => (
          <Radio key={key} value={key} className={styles.option ?? ""}>
            {options[key]}
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}
