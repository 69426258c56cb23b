import { Switch } from "react-aria-components";
import styles from "./Me.module.css";

interface Props {
  label: string;
  hint?: string;
  value: boolean;
  onChange: (value: boolean) => void;
}

export function Toggle({ label, hint, value, onChange }: Props) {
  return (
    <Switch className={styles.toggle ?? ""} isSelected={value} onChange={onChange}>
      <span className={styles.track} aria-hidden="true" />
      <span>
        {label}
        {hint && <span className={styles.hint}>{hint}</span>}
      </span>
    </Switch>
  );
}
