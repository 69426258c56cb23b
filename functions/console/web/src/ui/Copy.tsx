import { useEffect, useRef, useState } from "react";
import { Dialog, DialogTrigger, Popover } from "react-aria-components";
import { useWords } from "../words/index.ts";
import { Button, IconButton } from "./Button.tsx";
import styles from "./Copy.module.css";
import { copyText } from "./clipboard.ts";
import type { IconName } from "./Icon.tsx";

const SHOWN = 2_000;

/** Copies the address of a screen, for somebody else. */
export function CopyLink(props: { href: string; children?: string; label?: string }) {
  const { href, ...rest } = props;
  return <Copy {...rest} icon="link" text={() => new URL(href, window.location.href).href} />;
}

/**
 * Copies a text and says so for two seconds. A function as `text` is asked when pressed. Where the browser refuses,
 * the text is shown selected.
 */
export function Copy(props: {
  text: string | (() => string | Promise<string>);
  /** Words of the button; without them it is a sign, named by `label` or *Copy*. */
  children?: string;
  label?: string;
  small?: boolean;
  icon?: IconName;
}) {
  const { parts } = useWords();
  const [state, setState] = useState<"idle" | "copied" | { text: string }>("idle");
  const timer = useRef<number>(undefined);
  useEffect(() => () => window.clearTimeout(timer.current), []);

  async function copy(): Promise<void> {
    const text = typeof props.text === "string" ? props.text : await props.text();
    if (!(await copyText(text))) return setState({ text });
    setState("copied");
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setState("idle"), SHOWN);
  }

  const copied = state === "copied";
  const common = {
    icon: copied ? "check" : (props.icon ?? "copy"),
    onPress: () => void copy(),
  } as const;
  return (
    <DialogTrigger
      isOpen={typeof state === "object"}
      onOpenChange={(open) => {
        if (!open) setState("idle");
      }}
    >
      {props.children ? (
        <Button {...common} small={props.small ?? false}>
          {copied ? parts.copied : props.children}
        </Button>
      ) : (
        <IconButton {...common} small label={copied ? parts.copied : (props.label ?? parts.copy)} />
      )}
      <span className="visually-hidden" role="status">
        {copied && parts.copied}
      </span>
      <Popover className={styles.popover ?? ""}>
        <Dialog className={styles.dialog ?? ""} aria-label={parts.copy}>
          <p>{parts.copyByHand}</p>
          <textarea
            className={styles.text}
            readOnly
            rows={4}
            value={typeof state === "object" ? state.text : ""}
            ref={(area) => area?.select()}
          />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
