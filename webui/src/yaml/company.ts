/** A company's text as a graph, and changes of the graph as changes of the text. */
import type { Company, Phase } from "@/api/types.gen";
import { KINDS, shapeOf, type PhaseKind, type Shape, type ShapeEdge } from "@/graph/shape";

import { edit, meaning, read } from "./edit";
import { isMap, isNode, isPair, isScalar } from "yaml";

type Phases = Record<string, Partial<Phase>>;

/** What the text says, as far as it can be read. */
export function companyOf(text: string): Company | undefined {
  const said = meaning(text);
  if (!isRecord(said)) return undefined;
  const phases = isRecord(said.phases) ? said.phases : {};
  const readable = Object.fromEntries(Object.entries(phases).filter(([, phase]) => isRecord(phase)));
  return { ...(said as unknown as Company), phases: readable as Company["phases"] };
}

export function graphOf(text: string): Shape | undefined {
  const company = companyOf(text);
  return company && shapeOf(company);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function phasesOf(text: string): Phases {
  return companyOf(text)?.phases ?? {};
}

function list(value: string | readonly string[] | null | undefined): string[] {
  return value == null ? [] : typeof value === "string" ? [value] : [...value];
}

/** One name alone, several as a list, none not at all. */
function short(names: readonly string[]): string | readonly string[] | undefined {
  return names.length > 1 ? names : names[0];
}

export function setField(text: string, phase: string, field: string, value: unknown): string {
  return edit(text, ["phases", phase, field], value);
}

/** A new phase of a kind, after the phase `after`. Returns the text and the name it got. */
export function addPhase(text: string, kind: PhaseKind, work: string, after: string): { text: string; name: string } {
  const known = phasesOf(text);
  let name: string = kind === "run" ? "check" : kind === "human" ? "question" : kind === "network" ? "ask" : kind;
  for (let count = 2; name in known; count += 1) name = `${kind}${count}`;
  const phase = { ...(after ? { after } : {}), [kind]: work };
  return { text: edit(text, ["phases", name], phase), name };
}

/** Without the phase, and without anything that leads to it. */
export function removePhase(text: string, name: string): string {
  let left = text;
  for (const edge of graphOf(text)?.edges ?? []) {
    if ((edge.source === name || edge.target === name) && edge.source !== edge.target) left = disconnect(left, edge);
  }
  return edit(left, ["phases", name], undefined);
}

/** `target` comes after `source`; a way that would lead back becomes a loop, bounded. */
export function connect(text: string, source: string, target: string): string {
  const phases = phasesOf(text);
  if (source === target || !phases[source] || !phases[target]) return text;
  if (reaches(phases, target, source)) {
    return setField(setField(text, source, "then", target), source, "at_most", phases[source]?.at_most ?? 3);
  }
  const after = list(phases[target]?.after);
  if (after.includes(source)) return text;
  return setField(text, target, "after", short([...after, source]));
}

export function disconnect(text: string, edge: ShapeEdge): string {
  const phases = phasesOf(text);
  if (edge.kind === "then") return setField(setField(text, edge.source, "then", undefined), edge.source, "at_most", undefined);
  if (edge.kind === "or_else") return setField(text, edge.source, "or_else", undefined);
  const left = list(phases[edge.target]?.[edge.kind]).filter((name) => name !== edge.source);
  const value = edge.kind === "any" ? (left.length > 0 ? left : undefined) : short(left);
  return setField(text, edge.target, edge.kind, value);
}

/** Another kind of work; what only the old kind needs goes. */
export function setKind(text: string, name: string, kind: PhaseKind, work: string): string {
  const own: Partial<Record<PhaseKind, readonly string[]>> = {
    meet: ["seats", "turns"],
    human: ["choices", "default"],
    company: ["inputs", "outputs"],
    call: ["inputs"],
  };
  const phase = phasesOf(text)[name] ?? {};
  let changed = text;
  for (const other of KINDS) {
    if (other === kind || phase[other] == null) continue;
    changed = setField(changed, name, other, undefined);
    for (const field of own[other] ?? []) {
      if (!(own[kind] ?? []).includes(field) && field in phase) changed = setField(changed, name, field, undefined);
    }
  }
  return setField(changed, name, kind, work);
}

function reaches(phases: Phases, from: string, to: string): boolean {
  const todo = [from];
  const seen = new Set<string>();
  for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
    if (name === to) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    for (const [next, phase] of Object.entries(phases)) {
      if ([...list(phase.after), ...list(phase.any)].includes(name)) todo.push(next);
    }
  }
  return false;
}

/** First and last line (from 1) of each phase in the text. */
export function linesOf(text: string): Map<string, { from: number; to: number }> {
  const found = new Map<string, { from: number; to: number }>();
  const phases = read(text).get("phases", true);
  if (!isMap(phases)) return found;
  for (const pair of phases.items) {
    if (!isPair(pair) || !isScalar(pair.key)) continue;
    const start = pair.key.range?.[0] ?? 0;
    const end = isNode(pair.value) ? (pair.value.range?.[1] ?? start) : start;
    found.set(String(pair.key.value), { from: lineAt(text, start), to: lineAt(text, Math.max(start, end - 1)) });
  }
  return found;
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let index = text.indexOf("\n"); index !== -1 && index < offset; index = text.indexOf("\n", index + 1)) line += 1;
  return line;
}
