import { type ReactNode, useId } from "react";
import { ErrorBoundary } from "../../shell/ErrorBoundary.tsx";
import { Problem } from "../../ui/Problem.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import styles from "./Home.module.css";

interface Asked<T> {
  data: T | undefined;
  error: unknown;
  refetch: () => unknown;
}

/** The part of a card for a query that can only be asked with the answer of another. */
export function after<T>(first: Asked<unknown>, query: Asked<T>): Asked<T> {
  const { data, error, refetch } = first;
  return data === undefined ? { data, error, refetch } : query;
}

interface Props<T> {
  title: string;
  action?: ReactNode;
  query: Asked<T>;
  lines?: number;
  children: (data: T) => ReactNode;
}

/** A part of the home that loads, fails and tries again by itself. */
export function Card<T>({ title, action, query, lines = 4, children }: Props<T>) {
  const id = useId();
  const { data, error } = query;
  const retry = () => void query.refetch();
  return (
    <section className={styles.card} aria-labelledby={id}>
      <header className={styles.cardHead}>
        <h2 id={id}>{title}</h2>
        {action}
      </header>
      <ErrorBoundary fallback={(failure) => <Problem error={failure} onRetry={retry} />}>
        {data !== undefined && children(data)}
        {data === undefined && error !== null && <Problem error={error} onRetry={retry} />}
        {data === undefined && error === null && <Skeleton lines={lines} />}
      </ErrorBoundary>
    </section>
  );
}
