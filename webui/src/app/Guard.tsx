import { Component, type ReactNode } from "react";

import { Failed } from "@/api/http";
import { ErrorNote } from "@/ui/ErrorNote";

/** Keeps a screen that breaks from taking the page with it. */
export class Guard extends Component<{ children: ReactNode }, { error?: Error }> {
  override state: { error?: Error } = {};

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override componentDidMount(): void {
    addEventListener("hashchange", this.forget);
  }

  override componentWillUnmount(): void {
    removeEventListener("hashchange", this.forget);
  }

  private readonly forget = (): void => {
    if (this.state.error) this.setState({ error: undefined });
  };

  override render(): ReactNode {
    if (!this.state.error) return this.props.children;
    return <ErrorNote error={new Failed("crashed", this.state.error.message)} retry={() => location.reload()} />;
  }
}
