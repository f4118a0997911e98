import { useEffect, useMemo } from "react";

import type { RunDetail } from "@/api/types.gen";
import type { FeedItem } from "@/journal/feed";
import { upTo } from "@/journal/history";
import type { Moment } from "@/journal/moment";
import { reading, useLive, type LiveRun } from "@/live/store";
import { follow } from "@/live/stream";

/** How the run stands: what came last over the stream, and what only the summary tells apart (paused, interrupted). */
export function stateOf(live: LiveRun | undefined, detail: RunDetail | undefined): string {
  const now = live?.state ?? "";
  if (!detail || now === "running" || (now && detail.state === "running")) return now || (detail?.state ?? "");
  return detail.state;
}

export interface View {
  readonly run: string;
  readonly live: LiveRun | undefined;
  /** The event that is looked at; undefined follows the newest. */
  readonly at: number | undefined;
  readonly last: number;
  readonly moment: Moment;
  readonly items: readonly FeedItem[];
}

/** A run as it stood after event `at`, and its dialogue up to there. */
export function useMoment(run: string, at: number | undefined): View {
  useEffect(() => follow(run), [run]);
  const live = useLive((all) => all.runs[run]);
  const last = live?.last ?? 0;
  const seq = Math.min(at ?? last, last);
  const all = live?.items;
  const moment = useMemo(() => reading(run).history.at(seq), [run, seq]);
  const items = useMemo(() => {
    if (!all) return [];
    const count = seq >= last ? all.length : upTo(all, seq, (item) => item.seq);
    return count === all.length ? all : all.slice(0, count);
  }, [all, seq, last]);
  return { run, live, at: at === undefined || at >= last ? undefined : at, last, moment, items };
}
