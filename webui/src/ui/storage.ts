/** What this browser keeps between visits. A browser that refuses storage only forgets. */
const PREFIX = "agentverse.";

export function recall<T>(key: string): T | undefined {
  try {
    const text = localStorage.getItem(PREFIX + key);
    return text === null ? undefined : (JSON.parse(text) as T);
  } catch {
    return undefined;
  }
}

/** Keep `value`; undefined forgets it. */
export function remember(key: string, value: unknown): void {
  try {
    if (value === undefined || value === "") localStorage.removeItem(PREFIX + key);
    else localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // full or refused
  }
}
