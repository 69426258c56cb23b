import { type ReactNode, useEffect, useRef } from "react";
import { isProblem } from "../api/problem.ts";
import { PartGone } from "../lib/loadPart.ts";
import { problemDetails, problemText } from "../lib/problemText.ts";
import { useWords } from "../words/index.ts";
import { Button } from "./Button.tsx";
import { Copy } from "./Copy.tsx";
import { cx } from "./cx.ts";
import { Foreign } from "./Foreign.tsx";
import { Icon } from "./Icon.tsx";
import styles from "./Problem.module.css";

/** Stands where a part of the page failed; the rest works. */
export function Problem(props: { error: unknown; onRetry?: () => void; children?: ReactNode }) {
  const words = useWords();
  const { problem } = words.common;
  const missing = isProblem(props.error) && props.error.status === 404;
  const gone = props.error instanceof PartGone;
  const title = gone ? problem.updated : missing ? problem.notFound : problem.part;
  return (
    <div className={styles.problem} role="alert">
      <Icon name="warning" size={20} />
      <div className={styles.text}>
        <p className={styles.title}>{title}</p>
        <p>
          <Foreign text={problemText(props.error, words)} />
        </p>
        <div className={styles.actions}>
          {gone ? (
            <Button onPress={() => location.reload()}>{problem.reload}</Button>
          ) : (
            props.onRetry && <Button onPress={props.onRetry}>{problem.retry}</Button>
          )}
          {!missing && <Copy text={() => problemDetails(props.error)}>{problem.copyDetails}</Copy>}
          {props.children}
        </div>
      </div>
    </div>
  );
}

/** A sentence that the reader has to see, above a form or a list. */
export function Banner(props: {
  tone: "bad" | "wait" | "plain" | "ok";
  children: ReactNode;
  action?: ReactNode;
  alert?: boolean;
}) {
  const icon = { bad: "warning", wait: "warning", plain: "info", ok: "check" } as const;
  const banner = useRef<HTMLDivElement>(null);
  // The button that was refused can be a screen below the sentence.
  useEffect(() => {
    if (props.alert) banner.current?.scrollIntoView({ block: "nearest" });
  }, [props.alert]);
  return (
    <div
      ref={banner}
      className={cx(styles.banner)}
      data-tone={props.tone}
      {...(props.alert ? { role: "alert" } : {})}
    >
      <Icon name={icon[props.tone]} />
      <div>{props.children}</div>
      {props.action}
    </div>
  );
}
