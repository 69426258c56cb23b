import { Component, type ReactNode } from "react";
import { ScreenFailed } from "./ScreenFailed.tsx";

interface Props {
  children: ReactNode;
  /** A new value tries again: another address is another screen. */
  resetBy?: string;
  /** Draws the failed part; without it, a message of the size of a screen. */
  fallback?: (error: Error, reset: () => void) => ReactNode;
}

interface State {
  error: Error | null;
  by: string | undefined;
}

/** Keeps the error of one part from taking the rest of the page with it. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: null, by: this.props.resetBy };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return props.resetBy === state.by ? null : { error: null, by: props.resetBy };
  }

  readonly reset = () => this.setState({ error: null });

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    if (this.props.fallback) return this.props.fallback(error, this.reset);
    return <ScreenFailed error={error} reset={this.reset} />;
  }
}
