/** Requests to the server, and what can go wrong with them. */
import type { Failure, LocatedProblem } from "./types.gen";

/** An answer that says no. `code` is stable; see docs/api.md. */
export class Failed extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly fix: string | null = null,
    readonly status = 0,
    readonly problems: readonly LocatedProblem[] = [],
  ) {
    super(message);
    this.name = "Failed";
  }
}

export type Params = Record<string, string | number | boolean | undefined>;

export function address(path: string, params: Params = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== "") search.set(name, String(value));
  }
  const query = search.toString();
  return query ? `${path}?${query}` : path;
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      credentials: "same-origin",
      ...(method === "GET" ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}) }),
    });
  } catch {
    throw new Failed("unreachable", "unreachable");
  }
  const text = await answer.text();
  if (answer.ok) return (text ? JSON.parse(text) : undefined) as T;
  throw failure(answer.status, text);
}

function failure(status: number, text: string): Failed {
  try {
    const { error } = JSON.parse(text) as Failure;
    return new Failed(error.code, error.message, error.fix, status, error.problems);
  } catch {
    return new Failed("unreadable", text.slice(0, 300) || String(status), null, status);
  }
}

export const get = <T>(path: string, params?: Params): Promise<T> => call<T>("GET", address(path, params));
export const post = <T>(path: string, body?: unknown): Promise<T> => call<T>("POST", path, body);
export const put = <T>(path: string, body: unknown): Promise<T> => call<T>("PUT", path, body);
export const remove = <T>(path: string, params?: Params): Promise<T> => call<T>("DELETE", address(path, params), {});

/** A run's own address; ids hold nothing that would need more, but they come from outside. */
export const ofRun = (run: string, rest = ""): string => `/api/runs/${encodeURIComponent(run)}${rest}`;
