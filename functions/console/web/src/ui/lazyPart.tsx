import { type ComponentType, createElement, type ReactNode, useEffect, useState } from "react";
import { loadPart } from "../lib/loadPart.ts";
import { Problem } from "./Problem.tsx";

interface Options<P> {
  /** Stands in its place while it loads. */
  waiting?: ReactNode;
  /** Says that it could not be loaded. */
  failed?: (error: unknown, retry: () => void, props: P) => ReactNode;
}

/** The module of a part, asked for once at a time. */
class Source<P> {
  part: ComponentType<P> | null = null;
  #loading: Promise<void> | null = null;
  readonly #load: () => Promise<ComponentType<P>>;

  constructor(load: () => Promise<ComponentType<P>>) {
    this.#load = load;
  }

  ask(): Promise<void> {
    this.#loading ??= this.#load()
      .then((part) => {
        this.part = part;
      })
      .finally(() => {
        this.#loading = null;
      });
    return this.#loading;
  }
}

/** A part that is loaded when it is first shown. Where it cannot be loaded, its place says so and tries again. */
export function lazyPart<P extends object>(
  load: () => Promise<ComponentType<P>>,
  options: Options<P> = {},
): ((props: P) => ReactNode) & { preload: () => Promise<void> } {
  const source = new Source(() => loadPart(load, false));
  const draw = (props: P) => <Part source={source} options={options} given={props} />;
  // What fails here is asked for again, and told, where the part is shown.
  return Object.assign(draw, { preload: () => source.ask().catch(() => {}) });
}

function Part<P extends object>(props: { source: Source<P>; options: Options<P>; given: P }) {
  const { source, options, given } = props;
  const [error, setError] = useState<unknown>(null);
  const [turn, setTurn] = useState(0);
  const [, setLoaded] = useState(source.part !== null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another turn asks again
  useEffect(() => {
    if (source.part === null) source.ask().then(() => setLoaded(true), setError);
  }, [source, turn]);
  if (source.part !== null) return createElement(source.part, given);
  if (error === null) return options.waiting;
  const retry = () => {
    setError(null);
    setTurn(turn + 1);
  };
  return options.failed?.(error, retry, given) ?? <Problem error={error} onRetry={retry} />;
}
