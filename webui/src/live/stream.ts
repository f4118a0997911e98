/**
 * The one connection of this tab over which everything live comes.
 *
 * A browser opens six connections to a server and lets everything else wait. So a tab has one, and of the tabs that
 * nobody looks at one keeps it, to say when a person is needed.
 */
import { client } from "@/api/queries";
import { get, address, Failed } from "@/api/http";
import type { Entry, RunList, Status } from "@/api/types.gen";

import { arrived, change, forget, reading, useLive, written, type Delta } from "./store";

const AGAIN = 1000;
/** Milliseconds between two steps while a past is arriving. */
const CATCHING_UP = 250;
const MANY = 300;

let source: EventSource | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;
const followed = new Map<string, number>();
let entries: Entry[] = [];
let deltas: Delta[] = [];
let due = false;

/** Follow a run until the returned function is called. */
export function follow(run: string): () => void {
  const before = followed.get(run);
  followed.set(run, (before ?? 0) + 1);
  if (before === undefined) open();
  return () => {
    const left = (followed.get(run) ?? 1) - 1;
    if (left > 0) followed.set(run, left);
    else followed.delete(run);
  };
}

/** Open the connection, or open it anew with the runs that are followed. */
export function open(): void {
  clearTimeout(retry);
  source?.close();
  const runs = [...followed.keys()].map((run) => `${run}:${reading(run).history.last}`).join(",");
  const made = new EventSource(address("/api/events", { runs, watch: [...followed.keys()].join(",") }));
  source = made;
  made.addEventListener("open", () => useLive.setState({ connection: "open" }));
  made.addEventListener("error", () => lost(made));
  made.addEventListener("hello", (message) => hello(JSON.parse(message.data as string)));
  made.addEventListener("entry", (message) => queue(() => entries.push(JSON.parse(message.data as string) as Entry)));
  made.addEventListener("delta", (message) => queue(() => deltas.push(JSON.parse(message.data as string) as Delta)));
  made.addEventListener("state", (message) => state(JSON.parse(message.data as string)));
  made.addEventListener("gone", (message) => change((JSON.parse(message.data as string) as { run: string }).run, { gone: true }));
  made.addEventListener("runs", () => void client.invalidateQueries({ queryKey: ["runs"] }));
}

function hello({ version, list }: { version: string; list: string }): void {
  const before = useLive.getState();
  const outdated = before.outdated || (before.version !== "" && before.version !== version);
  useLive.setState({ connection: "open", version: before.version || version, outdated });
  void compare(list);
  void client.invalidateQueries({ queryKey: ["status"] });
}

/** Ask for the list of runs again if it is not the latest: what changed while no connection was open is told by nobody. */
async function compare(latest: string): Promise<void> {
  const queries = client.getQueryCache().findAll({ queryKey: ["runs"] });
  await Promise.allSettled(queries.map((query) => query.promise));
  const old = queries.some((query) => (query.state.data as RunList | undefined)?.mark !== latest);
  if (old) await client.invalidateQueries({ queryKey: ["runs"] });
}

function state({ run, state, events, veiled = false }: { run: string; state: string; events: number; veiled?: boolean }): void {
  const unveiled = useLive.getState().runs[run]?.veiled && !veiled;
  change(run, { state, total: events, veiled });
  if (unveiled) {
    flush();
    forget(run);
    open();
  }
  void client.invalidateQueries({ queryKey: ["run", run] });
}

/** The browser connects again by itself unless it was refused; then it is asked why. */
function lost(which: EventSource): void {
  if (which !== source) return;
  useLive.setState({ connection: "lost" });
  if (which.readyState !== EventSource.CLOSED) return;
  retry = setTimeout(() => {
    get<Status>("/api/status").then(open, (error: unknown) => {
      if (error instanceof Failed && error.status === 401) useLive.setState({ connection: "closed" });
      else lost(which);
    });
  }, AGAIN);
}

/** Everything that arrives within a frame is taken up at once. */
function queue(add: () => void): void {
  add();
  if (due) return;
  due = true;
  if (document.hidden || behind()) setTimeout(flush, CATCHING_UP);
  else requestAnimationFrame(flush);
}

/** A past that is still arriving is taken up in few large steps. */
function behind(): boolean {
  const { runs } = useLive.getState();
  return [...followed.keys()].some((run) => (runs[run]?.total ?? 0) - reading(run).history.last > MANY);
}

function flush(): void {
  due = false;
  const [came, pieces] = [entries, deltas];
  entries = [];
  deltas = [];
  for (const [run, group] of Map.groupBy(came, (entry) => entry.run)) arrived(run, group);
  for (const [run, group] of Map.groupBy(pieces, (delta) => delta.run)) written(run, group);
}

let release: (() => void) | undefined;

/**
 * Open the stream now, and let it rest while nobody looks and another tab listens.
 *
 * `ahead` is a run that will be followed as soon as its screen is there.
 */
export function startStream(ahead?: string): void {
  if (ahead !== undefined) followed.set(ahead, 0);
  open();
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) {
      release?.();
      release = undefined;
      if (!source || source.readyState === EventSource.CLOSED) open();
      return;
    }
    if (!("locks" in navigator)) return;
    void navigator.locks.request("agentverse.listener", { ifAvailable: true }, (lock) => {
      if (lock) return new Promise<void>((resolve) => (release = resolve));
      if (document.hidden) source?.close();
      return undefined;
    });
  });
}
