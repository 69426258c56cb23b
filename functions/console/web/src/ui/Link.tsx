import type { ReactNode } from "react";
import { Link as AriaLink } from "react-aria-components";
import { plainText } from "../lib/foreign.ts";
import { cx } from "./cx.ts";
import styles from "./Link.module.css";

/**
 * A link to a screen of the console. The shell's `RouterProvider` follows it without loading the page; middle
 * click, Ctrl-click and *open in new tab* are the browser's.
 */
export function Link(props: {
  href: string;
  children: ReactNode;
  /** Looks like text until it is pointed at, for links in tables. */
  plain?: boolean;
  current?: boolean;
  className?: string;
}) {
  return (
    <AriaLink
      href={props.href}
      className={cx(styles.link, props.plain && styles.plain, props.className)}
      {...(props.current ? { "aria-current": "page" as const } : {})}
    >
      {typeof props.children === "string" ? plainText(props.children) : props.children}
    </AriaLink>
  );
}

/** A link that looks like a button. */
export function ButtonLink(props: { href: string; children: ReactNode; primary?: boolean }) {
  return (
    <AriaLink href={props.href} className={cx(styles.button, props.primary && styles.primary)}>
      {props.children}
    </AriaLink>
  );
}
