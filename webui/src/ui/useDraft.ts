import { useCallback, useState } from "react";

import { recall, remember } from "./storage";

/** A state that survives a reload, for everything a person types. */
export function useDraft<T>(key: string, initial: T): [T, (value: T) => void, () => void] {
  const name = `draft.${key}`;
  const [held, setHeld] = useState({ name, value: recall<T>(name) ?? initial });
  const value = held.name === name ? held.value : (recall<T>(name) ?? initial);
  const change = useCallback(
    (next: T) => {
      remember(name, next);
      setHeld({ name, value: next });
    },
    [name],
  );
  const forget = useCallback(() => {
    remember(name, undefined);
    setHeld({ name, value: initial });
  }, [name, initial]);
  return [value, change, forget];
}
