/** The dialogue as a list: one item for each thing that is worth a row, with what happened to it later. */
import type { Entry, Evidence, LineSaid, Repair, Reply, ToolCalled } from "@/api/types.gen";

export interface Later<T> {
  readonly seq: number;
  readonly value: T;
}

interface Base {
  readonly seq: number;
  readonly key: string;
  readonly at: number;
  readonly phase: string;
}

export interface TurnItem extends Base {
  readonly kind: "turn";
  readonly reply: Reply;
  readonly repairs: readonly Later<Repair>[];
  readonly mended: readonly Later<string[]>[];
  /** What entered the conversation with it. */
  readonly line?: Later<LineSaid>;
}

export interface ToolItem extends Base {
  readonly kind: "tool";
  readonly call: ToolCalled;
}

export interface EvidenceItem extends Base {
  readonly kind: "evidence";
  readonly evidence: Evidence;
}

export interface PhaseItem extends Base {
  readonly kind: "phase";
  readonly visit: number;
}

/** Anything else: said by a sentence of `words.ts`. `tone` is how it looks. */
export interface LineItem extends Base {
  readonly kind: "line";
  readonly tone: "plain" | "good" | "warn" | "bad" | "person";
  readonly entry: Entry;
  /** A question to a seat that took its default at once: nobody was there to be asked. */
  readonly unasked?: boolean;
}

export type FeedItem = TurnItem | ToolItem | EvidenceItem | PhaseItem | LineItem;

const TONES: Record<string, LineItem["tone"]> = {
  "run.resumed": "plain",
  "run.ended": "good",
  "phase.failed": "bad",
  "phase.skipped": "plain",
  "paths.refused": "warn",
  "gate.opened": "person",
  "gate.answered": "person",
  rolled_back: "warn",
  stuck: "warn",
  limit: "bad",
  note: "plain",
  said: "person",
  model: "plain",
  "seat.failed": "warn",
  escalated: "warn",
  "tier.spent": "warn",
  files: "plain",
};

export class Feed {
  items: FeedItem[] = [];
  private readonly turns = new Map<string, number>();
  private readonly gates = new Map<string, number>();
  /** Seats of commands: what one showed is told as evidence. */
  private readonly commands = new Set<string>();

  append(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    const items = this.items.slice();
    for (const entry of entries) this.take(items, entry);
    this.items = items;
  }

  private take(items: FeedItem[], entry: Entry): void {
    const { event, seq, key, at } = entry;
    const phase = "phase" in event ? (event.phase ?? "") : "";
    const base = { seq, key, at, phase };
    if (event.type === "scene") this.meet(phase, event.seats ?? {});
    if (event.type === "reply") {
      this.turns.set(key, items.length);
      items.push({ ...base, kind: "turn", reply: event, repairs: [], mended: [] });
    } else if (event.type === "repair") {
      this.change(items, event.reply, (turn) => ({ ...turn, repairs: [...turn.repairs, { seq, value: event }] }));
    } else if (event.type === "accepted") {
      const value = event.mended ?? [];
      if (value.length > 0) {
        this.change(items, event.reply, (turn) => ({ ...turn, mended: [...turn.mended, { seq, value }] }));
      }
    } else if (event.type === "evidence") {
      items.push({ ...base, kind: "evidence", evidence: event.evidence as unknown as Evidence });
    } else if (event.type === "tool") {
      items.push({ ...base, kind: "tool", call: event });
    } else if (event.type === "line" && this.turns.has(event.reply ?? "")) {
      this.change(items, event.reply ?? "", (turn) => ({ ...turn, line: { seq, value: event } }));
    } else if (event.type === "phase.started") {
      items.push({ ...base, kind: "phase", visit: event.visit });
    } else if (event.type === "gate.answered" && event.by === "default" && this.passedOver(items, key)) {
      return;
    } else if (worthALine(entry) && !(event.type === "line" && this.commands.has(`${phase}/${event.seat}`))) {
      if (event.type === "gate.opened" && event.seat) this.gates.set(key, items.length);
      items.push({ ...base, kind: "line", tone: toneOf(entry), entry });
    }
  }

  /** Take back a question that nobody was asked; false when it was put to no seat. */
  private passedOver(items: FeedItem[], answer: string): boolean {
    const index = this.gates.get(answer.replace(/[^/]*$/, "gate"));
    const item = index === undefined ? undefined : items[index];
    if (index === undefined || item?.kind !== "line") return false;
    items[index] = { ...item, unasked: true };
    return true;
  }

  private meet(phase: string, seats: Readonly<Record<string, Record<string, string>>>): void {
    for (const [seat, about] of Object.entries(seats)) {
      if (about.held === "sandbox") this.commands.add(`${phase}/${seat}`);
    }
  }

  private change(items: FeedItem[], key: string, how: (turn: TurnItem) => TurnItem): void {
    const index = this.turns.get(key);
    const item = index === undefined ? undefined : items[index];
    if (index !== undefined && item?.kind === "turn") items[index] = how(item);
  }
}

function worthALine({ event }: Entry): boolean {
  if (event.type === "files") return (event.deleted ?? []).length + (event.conflicts ?? []).length > 0;
  if (event.type === "decision") return event.what === "packages";
  if (event.type === "scene") return Boolean(event.title || event.stage);
  if (event.type === "line") return Boolean(event.text);
  if (event.type === "remembered") return event.what === "recall";
  return event.type in TONES || !(event.type in QUIET);
}

/** Events that other views show. An event of a kind this page does not know is told, not hidden. */
const QUIET: Record<string, true> = {
  "run.started": true,
  "phase.finished": true,
  artifact: true,
  counters: true,
  decision: true,
};

function toneOf({ event }: Entry): LineItem["tone"] {
  if (event.type === "run.ended") return event.outcome === "succeeded" ? "good" : event.outcome === "failed" ? "bad" : "warn";
  if (event.type === "phase.failed") return (event.handled ?? "fail") === "fail" ? "bad" : "warn";
  if (event.type === "files") return "warn";
  return TONES[event.type] ?? "plain";
}
