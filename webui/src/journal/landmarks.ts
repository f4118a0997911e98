/** Moments of a run that one wants to jump to. */
import type { Entry } from "@/api/types.gen";

export interface Landmark {
  readonly seq: number;
  readonly kind: "phase" | "failure" | "person";
}

export function landmarks(entries: readonly Entry[]): Landmark[] {
  return entries.flatMap(({ seq, event }): Landmark[] => {
    switch (event.type) {
      case "phase.started":
        return [{ seq, kind: "phase" }];
      case "scene":
        return event.stage ? [{ seq, kind: "phase" }] : [];
      case "phase.failed":
      case "seat.failed":
      case "limit":
      case "rolled_back":
        return [{ seq, kind: "failure" }];
      case "evidence":
        return event.evidence.passed === false ? [{ seq, kind: "failure" }] : [];
      case "run.ended":
        return event.outcome === "succeeded" ? [] : [{ seq, kind: "failure" }];
      case "gate.opened":
      case "gate.answered":
      case "said":
        return [{ seq, kind: "person" }];
      default:
        return [];
    }
  });
}

export function next(marks: readonly Landmark[], seq: number, kind: Landmark["kind"]): Landmark | undefined {
  return marks.find((mark) => mark.kind === kind && mark.seq > seq);
}

export function previous(marks: readonly Landmark[], seq: number, kind: Landmark["kind"]): Landmark | undefined {
  return marks.findLast((mark) => mark.kind === kind && mark.seq < seq);
}
