/** What the page knows of runs as they happen. Filled by `stream.ts`, read by components. */
import { create } from "zustand";

import type { Entry } from "@/api/types.gen";
import { Feed, type FeedItem } from "@/journal/feed";
import { History } from "@/journal/history";

export interface Writing {
  readonly key: string;
  readonly text: string;
  readonly thinking: string;
}

export interface LiveRun {
  readonly id: string;
  readonly state: string;
  readonly gone: boolean;
  /** Somebody plays a part in it: what that part may not hear has not arrived, and does when it is over. */
  readonly veiled: boolean;
  /** Number of the last entry that arrived. */
  readonly last: number;
  /** How many entries there are, as the server says. */
  readonly total: number;
  readonly items: readonly FeedItem[];
  readonly writing: readonly Writing[];
}

export type Connection = "connecting" | "open" | "lost" | "closed";

interface Live {
  readonly connection: Connection;
  readonly version: string;
  /** The server was replaced by another version while the page was open. */
  readonly outdated: boolean;
  readonly runs: Readonly<Record<string, LiveRun>>;
}

export const useLive = create<Live>(() => ({ connection: "connecting", version: "", outdated: false, runs: {} }));

interface Reading {
  readonly history: History;
  readonly feed: Feed;
}

const readings = new Map<string, Reading>();

export function reading(run: string): Reading {
  let found = readings.get(run);
  if (!found) {
    found = { history: new History(), feed: new Feed() };
    readings.set(run, found);
  }
  return found;
}

const EMPTY = { state: "", gone: false, veiled: false, last: 0, total: 0, items: [], writing: [] };

export function change(run: string, what: Partial<LiveRun>): void {
  useLive.setState(({ runs }) => ({ runs: { ...runs, [run]: { ...EMPTY, id: run, ...runs[run], ...what } } }));
}

/** Forget what arrived of a run, to have it told anew. */
export function forget(run: string): void {
  readings.delete(run);
  change(run, { last: 0, items: [], writing: [] });
}

/** Take up entries of one run, in one go. */
export function arrived(run: string, entries: readonly Entry[]): void {
  const { history, feed } = reading(run);
  const fresh = history.append(entries);
  if (fresh.length === 0) return;
  feed.append(fresh);
  const replies = new Set(fresh.filter((entry) => entry.event.type === "reply").map((entry) => entry.key));
  const writing = (useLive.getState().runs[run]?.writing ?? []).filter((one) => !replies.has(one.key));
  change(run, { last: history.last, items: feed.items, writing });
}

export interface Delta {
  readonly run: string;
  readonly key: string;
  readonly at: number;
  readonly text: string;
  readonly thinking: string;
  readonly restart: boolean;
}

/** Take up pieces of replies that are being written. */
export function written(run: string, deltas: readonly Delta[]): void {
  const { history } = reading(run);
  const writing = new Map((useLive.getState().runs[run]?.writing ?? []).map((one) => [one.key, one]));
  for (const delta of deltas) {
    if (history.has(delta.key)) continue;
    const before = delta.restart ? undefined : writing.get(delta.key);
    const text = (before?.text ?? "").slice(0, delta.at) + delta.text;
    writing.set(delta.key, { key: delta.key, text, thinking: (before?.thinking ?? "") + delta.thinking });
  }
  change(run, { writing: [...writing.values()] });
}
