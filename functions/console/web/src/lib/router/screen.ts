import type { ComponentType } from "react";

/** The outcome of a loading: the component, or the error that kept it from being loaded. */
export type Loaded = { Component: ComponentType } | { error: unknown };

/** A screen whose file is loaded when it is first shown. */
export interface Screen {
  loaded: () => Loaded | null;
  /** Loads it, again after an error; `null` where it is there. */
  load: () => Promise<void> | null;
}

export function createScreen(load: () => Promise<ComponentType>): Screen {
  let loaded: Loaded | null = null;
  let loading: Promise<void> | null = null;
  const settle = (next: Loaded) => {
    loaded = next;
    loading = null;
  };
  return {
    loaded: () => loaded,
    load: () => {
      if (loaded && "Component" in loaded) return null;
      loading ??= load().then(
        (Component) => settle({ Component }),
        (error: unknown) => settle({ error }),
      );
      return loading;
    },
  };
}
