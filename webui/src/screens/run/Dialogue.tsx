import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { VList, type VListHandle } from "virtua";

import type { FeedItem } from "@/journal/feed";
import type { Moment } from "@/journal/moment";
import type { Writing } from "@/live/store";
import { Icon } from "@/ui/Icon";
import { Empty } from "@/ui/Tone";

import classes from "./Dialogue.module.css";
import { EvidenceRow } from "./EvidenceRow";
import { Line } from "./Line";
import { PhaseHead } from "./PhaseHead";
import { SaidLine } from "./SaidLine";
import { SceneEnd } from "./SceneEnd";
import { phaseOf, phaseTitle } from "./titles";
import { ToolRow } from "./ToolRow";
import { Turn } from "./Turn";
import type { View } from "./useMoment";
import { WritingCard } from "./WritingCard";

const NONE: readonly Writing[] = [];
/** Nearer to the end than this, the list follows what is new. */
const NEAR = 80;

/** What was said and done, as it happens. Only what is on the screen is in the document. */
export function Dialogue({ view, phase, clear }: { view: View; phase: string; clear: () => void }) {
  const { t } = useTranslation();
  const list = useRef<VListHandle>(null);
  const [stuck, setStuck] = useState(true);
  const { items: all, moment } = view;
  const items = useMemo(() => all.filter((item) => (!phase || item.phase === phase) && !idle(item, moment)), [all, phase, moment]);
  const writing = view.at === undefined ? (view.live?.writing ?? NONE) : NONE;
  const working = useWorking(view, phase, writing);
  const shown = useMemo(() => [...items, ...writing, ...working], [items, writing, working]);
  const rows = shown.length;
  const grown = writing.reduce((sum, one) => sum + one.text.length + one.thinking.length, 0);
  useEffect(() => {
    if (stuck || view.at !== undefined) list.current?.scrollToIndex(rows - 1, { align: "end" });
  }, [rows, grown, stuck, view.at]);
  const place = useRef(0);
  useEffect(() => {
    if (rows > 0) return;
    place.current = 0; // the run is told anew
    setStuck(true);
  }, [rows]);
  /** Only who scrolls up leaves the end: a burst of new rows moves it away by itself. */
  const scrolled = (offset: number) => {
    const handle = list.current;
    if (!handle) return;
    if (handle.scrollSize - handle.viewportSize - offset < NEAR) setStuck(true);
    else if (offset < place.current) setStuck(false);
    place.current = offset;
  };
  return (
    <section className={classes.dialogue} aria-label={t("run.dialogue")}>
      {phase && (
        <div className={classes.filter}>
          {t("run.filterPhase")}: <strong>{phase}</strong>
          <button type="button" className={classes.plainButton} onClick={clear}>
            {t("run.allPhases")}
          </button>
        </div>
      )}
      {rows === 0 ? (
        <Empty icon="chat">{t("run.waitingFirst")}</Empty>
      ) : (
        <VList
          ref={list}
          data={shown}
          className={classes.list}
          onScroll={scrolled}
          role="log"
          aria-label={t("run.dialogue")}
          aria-live="off"
          tabIndex={0}
        >
          {(row) =>
            typeof row === "string" ? (
              <p key={row} className={classes.line}>
                <Icon name="clock" size={14} /> {t("run.working", { phase: phaseTitle(moment, row) })}
              </p>
            ) : "seq" in row ? (
              <Row key={row.seq} item={row} view={view} />
            ) : (
              <WritingCard key={row.key} writing={row} moment={moment} />
            )
          }
        </VList>
      )}
      {!stuck && rows > 0 && view.at === undefined && (
        <button type="button" className={classes.toEnd} onClick={() => setStuck(true)}>
          <Icon name="last" size={14} /> {t("run.toEnd")}
        </button>
      )}
    </section>
  );
}

/** Phases that are at work and of which nothing is seen yet: a command runs, or a model reads. */
function useWorking(view: View, phase: string, writing: readonly Writing[]): readonly string[] {
  const { moment, at, live } = view;
  return useMemo(() => {
    if (at !== undefined || live?.state !== "running") return [];
    const seen = new Set(writing.map((one) => one.key.split("#", 1)[0]));
    return [...moment.phases].filter(([name, { status }]) => status === "running" && !seen.has(name) && (!phase || phase === name)).map(([name]) => name);
  }, [moment, at, live?.state, phase, writing]);
}

/** A loop that was not needed, as the check before it told, or a question that nobody was asked. */
function idle(item: FeedItem, moment: Moment): boolean {
  if (item.kind === "line" && item.unasked) return true;
  return item.kind === "line" && item.entry.event.type === "phase.skipped" && phaseOf(moment.resolved, item.phase)?.then != null;
}

function Row({ item, view }: { item: FeedItem; view: View }) {
  const seq = view.at ?? view.last;
  if (item.kind === "turn") return <Turn item={item} seq={seq} run={view.run} moment={view.moment} />;
  if (item.kind === "phase") return <PhaseHead item={item} moment={view.moment} />;
  if (item.kind === "evidence") return <EvidenceRow item={item} />;
  if (item.kind === "tool") return <ToolRow item={item} />;
  const { event } = item.entry;
  if (event.type === "line" && event.seat && event.text) return <SaidLine item={item} line={event} moment={view.moment} />;
  if (event.type === "scene.ended") return <SceneEnd ended={event} moment={view.moment} />;
  return <Line item={item} moment={view.moment} />;
}
