import { useState, type ChangeEvent } from "react";

interface Late {
  readonly value: string;
  readonly onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => void;
  readonly onBlur: () => void;
}

/** A field whose value counts when it is left, so that one change of it is one step that can be undone. */
export function useLate(value: string, change: (value: string) => void): Late {
  const [typed, setTyped] = useState<string>();
  return {
    value: typed ?? value,
    onChange: (event) => setTyped(event.currentTarget.value),
    onBlur: () => {
      if (typed !== undefined && typed !== value) change(typed);
      setTyped(undefined);
    },
  };
}
