'use client';
/** Around one output: what cannot be drawn says so in its place, and the notebook around it goes on. */
import { Component, type ReactNode } from 'react';

interface Props {
  /** Another output is tried again. */
  output: object;
  children: ReactNode;
}

interface State {
  output: object;
  failure: string | undefined;
}

export class OutputBoundary extends Component<Props, State> {
  override state: State = { output: this.props.output, failure: undefined };

  static getDerivedStateFromError(error: unknown): Pick<State, 'failure'> {
    return { failure: error instanceof Error ? error.message : String(error) };
  }

  static getDerivedStateFromProps({ output }: Props, state: State): State | null {
    return output === state.output ? null : { output, failure: undefined };
  }

  override render(): ReactNode {
    const { failure } = this.state;
    if (failure === undefined) return this.props.children;
    return (
      <p role="alert" className="px-3 py-2 text-bad [overflow-wrap:anywhere]">
        This output cannot be shown ({failure}). Run the cell again, or clear its output.
      </p>
    );
  }
}
