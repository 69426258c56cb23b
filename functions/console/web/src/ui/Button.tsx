import type { ReactNode, Ref } from "react";
import { Button as AriaButton, Focusable, Tooltip, TooltipTrigger } from "react-aria-components";
import styles from "./Button.module.css";
import { cx } from "./cx.ts";
import { Icon, type IconName } from "./Icon.tsx";

export type ButtonKind = "primary" | "plain" | "quiet" | "danger";

type Common = {
  kind?: ButtonKind;
  icon?: IconName;
  /** Runs; the button says so and takes no press. */
  busy?: boolean;
  /** The reason that this cannot be done now. The button stays in the tab order and says the reason. */
  reason?: string | undefined;
  onPress?: (() => void) | undefined;
  submit?: boolean;
  /** `close`: closes the dialog or popover that it stands in. */
  slot?: "close";
  autoFocus?: boolean;
  /** In a row of controls of 28 px instead of 32. */
  small?: boolean;
  /** Pressed state of a button that is a switch. */
  pressed?: boolean;
  ref?: Ref<HTMLButtonElement>;
  /** The form that a submit button outside of it sends. */
  form?: string;
};

export type ButtonProps = Common & { children: ReactNode };
export type IconButtonProps = Common & { icon: IconName; label: string };

/** A balloon with the name or the reason of a control. */
export function Tip(props: { children: ReactNode }) {
  return (
    <Tooltip className={styles.tip ?? ""} offset={6}>
      {props.children}
    </Tooltip>
  );
}

function Inner(props: Common & { label?: string; children?: ReactNode }) {
  const { kind = "plain", icon, busy = false, small = false } = props;
  const look = cx(styles.button, styles[kind], small && styles.small, props.label && styles.square);
  const content = (
    <>
      {icon && <Icon name={icon} />}
      {props.children}
    </>
  );
  if (props.reason) {
    return (
      <TooltipTrigger delay={200}>
        <Focusable>
          <button
            type="button"
            className={look}
            aria-disabled="true"
            aria-label={props.label}
            onClick={(event) => event.preventDefault()}
          >
            {content}
          </button>
        </Focusable>
        <Tip>{props.reason}</Tip>
      </TooltipTrigger>
    );
  }
  return (
    <AriaButton
      {...(props.ref ? { ref: props.ref } : {})}
      {...(props.label ? { "aria-label": props.label } : {})}
      {...(props.onPress ? { onPress: props.onPress } : {})}
      {...(props.slot ? { slot: props.slot } : {})}
      {...(props.form ? { form: props.form } : {})}
      {...(props.pressed === undefined ? {} : { "aria-pressed": props.pressed })}
      type={props.submit ? "submit" : "button"}
      autoFocus={props.autoFocus ?? false}
      isPending={busy}
      className={look}
    >
      {content}
    </AriaButton>
  );
}

export function Button(props: ButtonProps) {
  return <Inner {...props} />;
}

/** A button that is a sign only; its name is its label, shown as a balloon too. */
export function IconButton(props: IconButtonProps) {
  const inner = <Inner kind="quiet" {...props} />;
  if (props.reason) return inner;
  return (
    <TooltipTrigger delay={500}>
      {inner}
      <Tip>{props.label}</Tip>
    </TooltipTrigger>
  );
}
