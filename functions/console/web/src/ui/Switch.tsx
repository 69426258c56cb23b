import type { ReactNode } from "react";
import { Switch as AriaSwitch, Focusable, TooltipTrigger } from "react-aria-components";
import { plainText } from "../lib/foreign.ts";
import { Tip } from "./Button.tsx";
import { cx } from "./cx.ts";
import styles from "./Switch.module.css";

/** On or off, at once. With a `reason` it cannot be changed now and says why. */
export function Switch(props: {
  selected: boolean;
  onChange: (selected: boolean) => void;
  children?: ReactNode;
  label?: string;
  reason?: string | undefined;
}) {
  const label = props.label && plainText(props.label);
  const track = (
    <span className={styles.track}>
      <span className={styles.thumb} />
    </span>
  );
  if (props.reason) {
    return (
      <TooltipTrigger delay={200}>
        <Focusable>
          <span
            role="switch"
            aria-checked={props.selected}
            aria-disabled="true"
            aria-label={label}
            tabIndex={0}
            className={styles.switch}
            data-selected={props.selected || undefined}
            data-disabled
          >
            {track}
            {props.children}
          </span>
        </Focusable>
        <Tip>{props.reason}</Tip>
      </TooltipTrigger>
    );
  }
  return (
    <AriaSwitch
      isSelected={props.selected}
      onChange={props.onChange}
      className={cx(styles.switch)}
      {...(label ? { "aria-label": label } : {})}
    >
      {track}
      {props.children}
    </AriaSwitch>
  );
}
