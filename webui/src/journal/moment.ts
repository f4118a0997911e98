/** What a run looks like at one point of its journal: a pure reading of the events up to there. */
import type { AnyEvent, Entry, Evidence, GateOpened, LimitHit, ModelContact, Resolved, Usage } from "@/api/types.gen";

export type PhaseStatus = "waiting" | "running" | "asking" | "done" | "skipped" | "failed";

export interface PhaseState {
  readonly status: PhaseStatus;
  readonly visit: number;
  readonly reason: string;
  readonly turns: number;
  readonly tokens: number;
  readonly since: number;
  readonly seconds: number;
}

export interface FileState {
  readonly path: string;
  readonly author: string;
  readonly phase: string;
  readonly commit: string;
  readonly seq: number;
}

export interface Seen {
  readonly seq: number;
  readonly key: string;
  readonly phase: string;
  readonly visit: number;
  readonly evidence: Evidence;
}

export interface Gate {
  readonly key: string;
  readonly seq: number;
  readonly event: GateOpened;
}

export interface Made {
  readonly seq: number;
  readonly phase: string;
  readonly kind: string;
  readonly value: unknown;
}

export interface TierUse {
  readonly model: string;
  readonly turns: number;
  readonly usage: Required<Usage>;
}

/** Which environment a conversation has, and what its seats are called. */
export interface SceneNames {
  readonly environment: string;
  readonly names: Readonly<Record<string, string>>;
}

export const NO_USAGE: Required<Usage> = { prompt: 0, cached: 0, completion: 0, reasoning: 0 };
const UNSEEN: PhaseState = { status: "waiting", visit: 0, reason: "", turns: 0, tokens: 0, since: 0, seconds: 0 };

export function sum(a: Required<Usage>, b: Usage | undefined): Required<Usage> {
  return {
    prompt: a.prompt + (b?.prompt ?? 0),
    cached: a.cached + (b?.cached ?? 0),
    completion: a.completion + (b?.completion ?? 0),
    reasoning: a.reasoning + (b?.reasoning ?? 0),
  };
}

/** Changed only by `apply`; whoever shows one takes a `clone`. Values inside are replaced, never changed. */
export class Moment {
  seq = 0;
  at = 0;
  began = 0;
  idea = "";
  language = "en";
  resolved: Resolved | undefined;
  outcome: "" | "succeeded" | "failed" | "stopped" = "";
  reason = "";
  commit = "";
  turns = 0;
  repairs = 0;
  usage: Required<Usage> = NO_USAGE;
  phases = new Map<string, PhaseState>();
  files = new Map<string, FileState>();
  artifacts = new Map<string, Made>();
  gates = new Map<string, Gate>();
  tiers = new Map<string, TierUse>();
  contacts = new Map<string, ModelContact>();
  evidence: readonly Seen[] = [];
  limits: readonly LimitHit[] = [];
  /** Phase: the conversation that began in it last. */
  scenes = new Map<string, SceneNames>();

  clone(): Moment {
    const copy = Object.assign(new Moment(), this);
    copy.phases = new Map(this.phases);
    copy.files = new Map(this.files);
    copy.artifacts = new Map(this.artifacts);
    copy.gates = new Map(this.gates);
    copy.tiers = new Map(this.tiers);
    copy.contacts = new Map(this.contacts);
    copy.scenes = new Map(this.scenes);
    return copy;
  }

  /** The questions that wait for a person. One is recorded once, so it waits again when the run is taken up again. */
  get waiting(): readonly Gate[] {
    return this.outcome === "" ? [...this.gates.values()] : [];
  }

  phase(name: string): PhaseState {
    return this.phases.get(name) ?? UNSEEN;
  }

  apply(entry: Entry): void {
    this.seq = entry.seq;
    this.at = entry.at;
    this.take(entry, entry.event);
  }

  private take(entry: Entry, event: AnyEvent): void {
    switch (event.type) {
      case "run.started":
        this.began = entry.at;
        this.idea = event.idea;
        this.language = event.language ?? "en";
        this.resolved = event.company as unknown as Resolved;
        this.commit = event.base ?? "";
        break;
      case "run.resumed":
        this.outcome = "";
        this.reason = "";
        break;
      case "run.ended":
        this.outcome = event.outcome;
        this.reason = event.reason ?? "";
        this.commit = event.commit || this.commit;
        this.settle(entry.at);
        break;
      case "phase.started":
        this.move(event.phase, { status: "running", visit: event.visit, reason: "", since: entry.at });
        break;
      case "phase.finished":
        this.close(event.phase, event.visit, entry.at);
        this.commit = event.commit || this.commit;
        break;
      case "phase.skipped":
        this.skip(event.phase, event.visit, event.reason);
        break;
      case "phase.failed":
        this.end(event.phase, entry.at, "failed", event.reason);
        break;
      case "reply": {
        const state = this.phase(event.phase);
        const spent = (event.usage?.prompt ?? 0) + (event.usage?.completion ?? 0);
        this.move(event.phase, { turns: state.turns + 1, tokens: state.tokens + spent });
        this.turns += 1;
        this.usage = sum(this.usage, event.usage);
        const tier = event.tier ?? "edge";
        const used = this.tiers.get(tier);
        this.tiers.set(tier, {
          model: event.model || used?.model || "",
          turns: (used?.turns ?? 0) + 1,
          usage: sum(used?.usage ?? NO_USAGE, event.usage),
        });
        break;
      }
      case "repair":
        this.repairs += 1;
        break;
      case "artifact":
        this.artifacts.set(event.name, { seq: entry.seq, phase: event.phase, kind: event.kind, value: event.value });
        break;
      case "files":
        for (const path of event.written ?? []) {
          this.files.set(path, { path, author: event.author, phase: event.phase, commit: event.commit, seq: entry.seq });
        }
        for (const path of event.deleted ?? []) this.files.delete(path);
        this.commit = event.commit;
        break;
      case "rolled_back":
        this.commit = event.commit;
        break;
      case "evidence": {
        const evidence = event.evidence as unknown as Evidence;
        const seen = { seq: entry.seq, key: entry.key, phase: event.phase, visit: event.visit, evidence };
        this.evidence = [...this.evidence, seen];
        break;
      }
      case "gate.opened":
        this.gates.set(entry.key, { key: entry.key, seq: entry.seq, event });
        this.move(event.phase, { status: "asking" });
        break;
      case "gate.answered":
        this.gates.delete(entry.key.replace(/[^/]*$/, "gate"));
        if (this.phase(event.phase).status === "asking") this.move(event.phase, { status: "running" });
        break;
      case "scene": {
        const seats = Object.entries(event.seats ?? {}).map(([seat, about]) => [seat, about.name ?? seat] as const);
        if (seats.length > 0) this.scenes.set(event.phase, { environment: event.environment ?? "", names: Object.fromEntries(seats) });
        break;
      }
      case "limit":
        this.limits = [...this.limits, event];
        break;
      case "model":
        this.contacts.set(event.tier, event);
        break;
      default:
        break;
    }
  }

  private move(phase: string, change: Partial<PhaseState>): void {
    this.phases.set(phase, { ...this.phase(phase), ...change });
  }

  private end(phase: string, at: number, status: PhaseStatus, reason: string): void {
    const state = this.phase(phase);
    const open = state.status === "running" || state.status === "asking";
    const seconds = state.seconds + (open ? Math.max(0, at - state.since) : 0);
    this.move(phase, { status, reason, seconds });
  }

  /** A phase that is over is done, unless what it showed last did not pass. */
  private close(phase: string, visit: number, at: number): void {
    const last = this.evidence.findLast((seen) => seen.phase === phase && seen.visit === visit);
    const passed = last?.evidence.passed ?? true;
    this.end(phase, at, passed ? "done" : "failed", passed ? "" : (last?.evidence.reason ?? ""));
  }

  /** A loop that is left is skipped on its last visit; what it did before still counts as done. */
  private skip(phase: string, visit: number, reason: string): void {
    const state = this.phase(phase);
    if (state.status !== "done") this.move(phase, { status: "skipped", visit, reason });
  }

  /** When a run ends, nothing in it is still at work; what was stopped can be taken up again. */
  private settle(at: number): void {
    const status = this.outcome === "failed" ? "failed" : "waiting";
    for (const [name, state] of this.phases) {
      if (state.status === "running" || state.status === "asking") this.end(name, at, status, this.reason);
    }
  }
}
