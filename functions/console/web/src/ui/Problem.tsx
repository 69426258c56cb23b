import { type ReactNode, useEffect, useRef } from "react";
import { type ApiProblem, isProblem } from "../api/problem.ts";
import { useWords, type Words } from "../words/index.ts";
import { Button } from "./Button.tsx";
import { Copy } from "./Copy.tsx";
import { cx } from "./cx.ts";
import { Foreign } from "./Foreign.tsx";
import { Icon } from "./Icon.tsx";
import styles from "./Problem.module.css";

/** The sentence of a refusal: the API's own where it has one. */
export function problemText(error: unknown, words: Words): string {
  if (!isProblem(error)) return words.common.problem.unexpected;
  if (error.status === 404 && error.origin !== "network") return words.common.problem.notFoundHint;
  if (error.detail && error.origin === "api") return error.detail;
  if (error.origin === "network") return words.common.problem.offlineNow;
  if (error.passing) return words.parts.problem.busy;
  return error.status >= 500 ? words.parts.problem.ours : words.common.problem.unexpected;
}

/** The details that somebody who helps needs, without data of the reader. */
export function problemDetails(error: unknown): string {
  if (!isProblem(error))
    return error instanceof Error ? `${error.name}: ${error.message}` : "unknown";
  const { status, code, detail, path, requestId }: ApiProblem = error;
  const lines = { status, code, detail, path, request: requestId, at: new Date().toISOString() };
  return Object.entries(lines)
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
}

/** Stands where a part of the page failed; the rest works. */
export function Problem(props: { error: unknown; onRetry?: () => void; children?: ReactNode }) {
  const words = useWords();
  const { problem } = words.common;
  const missing = isProblem(props.error) && props.error.status === 404;
  return (
    <div className={styles.problem} role="alert">
      <Icon name="warning" size={20} />
      <div className={styles.text}>
        <p className={styles.title}>{missing ? problem.notFound : problem.part}</p>
        <p>
          <Foreign text={problemText(props.error, words)} />
        </p>
        <div className={styles.actions}>
          {props.onRetry && <Button onPress={props.onRetry}>{problem.retry}</Button>}
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
