import { type ComponentType, lazy, type ReactNode, Suspense, useState } from "react";
import { loadPart } from "../lib/loadPart.ts";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import { OverlayFailed } from "./OverlayFailed.tsx";

/** The file of an overlay. An answer is kept, an error until it is asked again. */
class Source<P> {
  part: ComponentType<P>;
  readonly #load: () => Promise<ComponentType<P>>;

  constructor(load: () => Promise<ComponentType<P>>) {
    this.#load = load;
    this.part = this.ask();
  }

  ask(): ComponentType<P> {
    this.part = lazy(async () => ({ default: await loadPart(this.#load, false) }));
    return this.part;
  }
}

/**
 * A part that lies over the page and is loaded when it is first opened. Where it cannot be loaded, a dialog says so
 * and tries again; what is on the page stays.
 */
export function lazyOverlay<P extends { onClose: () => void }>(
  load: () => Promise<ComponentType<P>>,
): (props: P) => ReactNode {
  const source = new Source(load);
  return (props) => <Overlay source={source} given={props} />;
}

function Overlay<P extends { onClose: () => void }>(props: { source: Source<P>; given: P }) {
  const { source, given } = props;
  const [Part, setPart] = useState(() => source.part);
  const failed = (error: Error, reset: () => void) => {
    const retry = () => {
      setPart(() => source.ask());
      reset();
    };
    const leave = () => {
      source.ask();
      given.onClose();
    };
    return <OverlayFailed error={error} onRetry={retry} onClose={leave} />;
  };
  return (
    <ErrorBoundary fallback={failed}>
      <Suspense>
        <Part {...given} />
      </Suspense>
    </ErrorBoundary>
  );
}
