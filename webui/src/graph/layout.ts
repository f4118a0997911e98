/** Where the nodes of a graph stand: in ranks, folded into rows so that the whole is readable in its pane. */
import dagre from "@dagrejs/dagre";

import type { Shape, ShapeEdge } from "./shape";

export const WIDTH = 190;
export const HEIGHT = 74;
const GAP_X = 46;
const GAP_Y = 22;
const GAP_ROWS = 56;
/** Left free around the graph; ways back need some of it. */
const MARGIN = 34;

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly row: number;
}

export type Side = "left" | "right" | "top" | "bottom";

export interface Sides {
  readonly from: Side;
  readonly to: Side;
}

interface Rank {
  readonly names: readonly string[];
  readonly ys: readonly number[];
}

/** Places for a pane of `width` × `height`: as many rows as show the nodes largest. */
export function arrange(shape: Shape, width: number, height: number): Map<string, Place> {
  const ranks = ranksOf(shape);
  let best = fold(ranks, 1);
  for (let rows = 2; rows <= Math.min(ranks.length, 12); rows += 1) {
    const tried = fold(ranks, rows);
    if (scale(tried, width, height) > scale(best, width, height) * 1.02) best = tried;
  }
  return best.places;
}

function ranksOf(shape: Shape): Rank[] {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: "LR", nodesep: GAP_Y, ranksep: GAP_X });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of shape.nodes) graph.setNode(node.name, { width: WIDTH, height: HEIGHT });
  for (const edge of shape.edges) {
    if (edge.kind !== "then" && edge.kind !== "or_else") graph.setEdge(edge.source, edge.target);
  }
  dagre.layout(graph);
  const columns = Map.groupBy(shape.nodes, (node) => Math.round(graph.node(node.name).x));
  return [...columns].sort(([a], [b]) => a - b).map(([, nodes]) => {
    const sorted = nodes.map(({ name }) => ({ name, y: graph.node(name).y })).sort((a, b) => a.y - b.y);
    return { names: sorted.map((one) => one.name), ys: sorted.map((one) => one.y) };
  });
}

interface Folded {
  readonly places: Map<string, Place>;
  readonly width: number;
  readonly height: number;
}

/** Lay ranks out in rows, every other one backwards, so that the way from row to row is short. */
function fold(ranks: readonly Rank[], rows: number): Folded {
  const places = new Map<string, Place>();
  const inRow = Math.ceil(ranks.length / rows);
  const right = (inRow - 1) * (WIDTH + GAP_X);
  let top = 0;
  for (let row = 0; row * inRow < ranks.length; row += 1) {
    const here = ranks.slice(row * inRow, (row + 1) * inRow);
    const ys = here.flatMap((rank) => rank.ys);
    const [low, high] = [Math.min(...ys), Math.max(...ys)];
    here.forEach((rank, column) => {
      const step = column * (WIDTH + GAP_X);
      const x = row % 2 === 0 ? step : right - step;
      rank.names.forEach((name, index) => places.set(name, { x, y: top + (rank.ys[index] ?? 0) - low, row }));
    });
    top += high - low + HEIGHT + GAP_ROWS;
  }
  return { places, width: right + WIDTH, height: Math.max(HEIGHT, top - GAP_ROWS) };
}

function scale(folded: Folded, width: number, height: number): number {
  return Math.min(width / folded.width, height / folded.height, 1);
}

/** Where an edge leaves and arrives. Ways back go around, over the nodes between. */
export function sides(edge: ShapeEdge, places: ReadonlyMap<string, Place>): Sides {
  const a = places.get(edge.source);
  const b = places.get(edge.target);
  if (!a || !b) return { from: "right", to: "left" };
  if (edge.kind === "then" || edge.kind === "or_else") {
    if (a.row === b.row) return { from: "bottom", to: "bottom" };
    return a.y > b.y ? { from: "top", to: "bottom" } : { from: "bottom", to: "top" };
  }
  if (a.row === b.row) return a.x <= b.x ? { from: "right", to: "left" } : { from: "left", to: "right" };
  return { from: a.row % 2 === 0 ? "right" : "left", to: b.row % 2 === 0 ? "left" : "right" };
}

export interface Viewport {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

/** The view that shows all places in a pane, not larger than they are. */
export function viewOf(places: ReadonlyMap<string, Place>, width: number, height: number): Viewport {
  const all = [...places.values()];
  if (all.length === 0) return { x: 0, y: 0, zoom: 1 };
  const right = Math.max(...all.map((place) => place.x)) + WIDTH;
  const bottom = Math.max(...all.map((place) => place.y)) + HEIGHT;
  const zoom = Math.min((width - 2 * MARGIN) / right, (height - 2 * MARGIN) / bottom, 1.1);
  return { x: (width - right * zoom) / 2, y: (height - bottom * zoom) / 2, zoom };
}
