import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { type ApiProblem, isProblem } from "../api/problem.ts";
import { problemDetails, problemText } from "../lib/problemText.ts";
import { useWords } from "../words/index.ts";
import { Copy } from "./Copy.tsx";
import styles from "./Form.module.css";
import { Banner } from "./Problem.tsx";

export type FormProblem = {
  /** The refusal of a field, by its path in the API's request; a path below it is its own too. */
  of: (path: string) => string | undefined;
  /** Puts a refusal in force, or takes it away before the next try. */
  set: (error: unknown) => void;
  error: unknown;
};

/** True where `path` is `field` or lies in it: `policy.waits[3]` lies in `policy.waits`. */
export function liesIn(path: string, field: string): boolean {
  const rest = path.startsWith(field) ? path.slice(field.length) : null;
  return rest !== null && (rest === "" || rest.startsWith(".") || rest.startsWith("["));
}

/** Keeps the refusal of a form. */
export function useFormProblem(): FormProblem {
  const words = useWords();
  const [error, set] = useState<unknown>(null);
  return useMemo(() => {
    const text = error === null ? "" : problemText(error, words);
    const path = isProblem(error) ? error.path : undefined;
    return {
      of: (field) => (path !== undefined && liesIn(path, field) ? text : undefined),
      set,
      error,
    };
  }, [error, words]);
}

function refused(form: HTMLFormElement, problem: ApiProblem): HTMLElement | null {
  const { path } = problem;
  if (!path) return null;
  const fields = [...form.querySelectorAll<HTMLElement>("[name], [data-field]")];
  return (
    fields.find((field) => {
      const name = field.getAttribute("data-field") ?? field.getAttribute("name") ?? "";
      return name !== "" && field.tabIndex >= 0 && liesIn(path, name);
    }) ?? null
  );
}

/** The refusal is no fault of what was typed; who helps needs its details. */
const isOurs = (error: unknown) => !isProblem(error) || error.status >= 500;

/** A form: a refusal stands above it, and the focus goes to the field that was refused. */
export function Form(props: {
  problem: FormProblem;
  onSubmit: () => void;
  children: ReactNode;
  id?: string;
}) {
  const words = useWords();
  const form = useRef<HTMLFormElement>(null);
  const [field, setField] = useState<HTMLElement | null>(null);
  const { error } = props.problem;
  useEffect(() => {
    if (!form.current || !isProblem(error)) return setField(null);
    const found = refused(form.current, error);
    setField(found);
    found?.focus();
  }, [error]);
  const text = error === null ? null : problemText(error, words);
  return (
    <form
      ref={form}
      id={props.id}
      noValidate
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        props.problem.set(null);
        props.onSubmit();
      }}
    >
      {text !== null && (
        <Banner
          tone="bad"
          alert
          action={
            isOurs(error) && (
              <Copy small text={() => problemDetails(error)}>
                {words.common.problem.copyDetails}
              </Copy>
            )
          }
        >
          {field ? (
            <button type="button" className={styles.link} onClick={() => field.focus()}>
              {text}
            </button>
          ) : (
            text
          )}
        </Banner>
      )}
      {props.children}
    </form>
  );
}
