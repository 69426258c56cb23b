import type { ComponentProps } from "react";
import styles from "./Button.module.css";
import { cx } from "./cx.ts";
import { Icon, type IconName } from "./Icon.tsx";

type Props = Omit<ComponentProps<"button">, "className" | "onClick"> & {
  kind?: "primary" | "plain" | "quiet";
  small?: boolean;
  pressed?: boolean;
  /** Runs; it says so and takes no press. */
  busy?: boolean;
  onPress?: () => void;
};

/** The look of `ui/Button` without React Aria, for the bars and the pages that come before the first screen. */
export function NativeButton({ kind = "plain", small, pressed, busy, onPress, ...rest }: Props) {
  return (
    <button
      type="button"
      {...rest}
      className={cx(styles.button, styles.native, styles[kind], small && styles.small)}
      aria-pressed={pressed}
      aria-disabled={busy || undefined}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onPress?.();
      }}
    />
  );
}

/** A native button that is a sign only; its name is its label, shown as a balloon too. */
export function NativeIconButton(props: {
  icon: IconName;
  label: string;
  onPress: () => void;
  small?: boolean;
}) {
  return (
    <button
      type="button"
      className={cx(
        styles.button,
        styles.native,
        styles.quiet,
        styles.square,
        props.small && styles.small,
      )}
      aria-label={props.label}
      data-tip={props.label}
      onClick={props.onPress}
    >
      <Icon name={props.icon} />
    </button>
  );
}
