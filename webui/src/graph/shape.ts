/** A company as nodes and edges. */
import type { Company, Phase, Resolved } from "@/api/types.gen";
import { localized } from "@/i18n";

export type PhaseKind = "ask" | "meet" | "run" | "human" | "company" | "network" | "call";
export type EdgeKind = "after" | "any" | "or_else" | "then";
export const KINDS: readonly PhaseKind[] = ["ask", "meet", "run", "human", "company", "network", "call"];

export interface ShapeNode {
  readonly name: string;
  readonly title: string;
  readonly kind: PhaseKind;
  /** Who or what is at work, in one line. */
  readonly work: string;
  readonly when: string;
  readonly each: string;
}

export interface ShapeEdge {
  readonly source: string;
  readonly target: string;
  readonly kind: EdgeKind;
  readonly most?: number | undefined;
}

export interface Shape {
  readonly nodes: readonly ShapeNode[];
  readonly edges: readonly ShapeEdge[];
}

export function kindOf(phase: Partial<Phase>): PhaseKind {
  return KINDS.find((kind) => phase[kind] != null) ?? "ask";
}

/** The graph of a company; `resolved` knows the titles of its roles and environments. */
export function shapeOf(company: Company, resolved?: Resolved): Shape {
  const phases = Object.entries(company.phases);
  const known = new Set(phases.map(([name]) => name));
  const nodes = phases.map(([name, phase]) => ({
    name,
    title: localized(phase.title) || name.replaceAll("_", " "),
    kind: kindOf(phase),
    work: workOf(phase, resolved),
    when: phase.when == null ? "" : String(phase.when),
    each: phase.each ?? "",
  }));
  const edges = phases.flatMap(([name, phase]): ShapeEdge[] => [
    ...list(phase.after).map((source) => ({ source, target: name, kind: "after" as const })),
    ...list(phase.any).map((source) => ({ source, target: name, kind: "any" as const })),
    ...(phase.then ? [{ source: name, target: phase.then, kind: "then" as const, most: phase.at_most ?? undefined }] : []),
    ...(phase.or_else && known.has(phase.or_else) ? [{ source: name, target: phase.or_else, kind: "or_else" as const }] : []),
  ]);
  return { nodes, edges: edges.filter((edge) => known.has(edge.source) && known.has(edge.target)) };
}

function list(value: string | readonly string[] | null | undefined): readonly string[] {
  if (value == null) return [];
  return typeof value === "string" ? [value] : value;
}

function workOf(phase: Phase, resolved: Resolved | undefined): string {
  const role = (name: string) => localized(resolved?.roles?.[name]?.title) || name;
  if (phase.ask) return role(phase.ask);
  if (phase.meet) {
    const held = Object.values(phase.seats ?? {}).map((holder) => (typeof holder === "string" ? role(holder) : holder.each));
    return held.join(" · ") || (typeof phase.meet === "string" ? phase.meet : phase.meet.of.join(" / "));
  }
  if (phase.run != null) return commandOf(phase.run);
  if (phase.human != null) return localized(phase.human).split("\n")[0] ?? "";
  return phase.company ?? phase.call ?? "";
}

function commandOf(run: NonNullable<Phase["run"]>): string {
  if (typeof run === "string") return run;
  if (Array.isArray(run)) return run.join(" ");
  const { command = "auto" } = run;
  return typeof command === "string" ? command : command.join(" ");
}
