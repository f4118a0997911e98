import "@xyflow/react/dist/base.css";

import {
  Controls,
  MarkerType,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  type Connection,
  type Edge,
} from "@xyflow/react";
import { useElementSize } from "@mantine/hooks";
import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { PhaseStatus } from "@/journal/moment";

import "./flow.css";
import classes from "./graph.module.css";
import { arrange, HEIGHT, sides, viewOf, WIDTH, type Place } from "./layout";
import { PhaseNode, type PhaseFlowNode } from "./PhaseNode";
import type { Shape, ShapeEdge } from "./shape";

const TYPES = { phase: PhaseNode };
const EDGE_COLOURS = {
  after: "var(--av-edge)",
  any: "var(--av-edge)",
  then: "var(--av-warn)",
  or_else: "var(--av-bad)",
} as const;

export interface NodeLook {
  readonly status?: PhaseStatus | undefined;
  readonly visits?: number;
  readonly note?: string;
  readonly problem?: "" | "error" | "warning";
}

export interface Editing {
  readonly connect: (source: string, target: string) => void;
  readonly removeNodes: (names: readonly string[]) => void;
  readonly removeEdges: (edges: readonly ShapeEdge[]) => void;
}

interface Props {
  readonly shape: Shape;
  readonly looks: (name: string) => NodeLook;
  readonly chosen: string;
  readonly choose: (name: string) => void;
  readonly editing?: Editing;
}

/** A company's graph, laid out for the pane it stands in. */
export function PhaseGraph(props: Props) {
  const { ref, width, height } = useElementSize();
  return (
    <div ref={ref} className={classes.frame}>
      {width > 0 && height > 0 && (
        <ReactFlowProvider>
          <Flow {...props} width={width} height={height} />
        </ReactFlowProvider>
      )}
    </div>
  );
}

function Flow({ shape, looks, chosen, choose, editing, width, height }: Props & { width: number; height: number }) {
  const { t } = useTranslation();
  const scheme = useComputedColorScheme("light");
  const places = useMemo(() => arrange(shape, width, height), [shape, width, height]);
  const nodes = useMemo(
    () =>
      shape.nodes.map((node): PhaseFlowNode => {
        const { x = 0, y = 0 } = places.get(node.name) ?? {};
        const look = looks(node.name);
        return {
          id: node.name,
          type: "phase",
          position: { x, y },
          width: WIDTH,
          height: HEIGHT,
          measured: { width: WIDTH, height: HEIGHT },
          selected: node.name === chosen,
          ariaLabel: [node.title, node.work, look.status && t(`common.phase.${look.status}`)].filter(Boolean).join(", "),
          data: { node, status: look.status, visits: look.visits ?? 0, note: look.note ?? "", problem: look.problem ?? "", editable: editing !== undefined },
        };
      }),
    [shape, places, looks, chosen, editing, t],
  );
  const edges = useMemo(() => shape.edges.map((edge) => drawn(edge, places, (count) => t("run.graphView.loop", { count }))), [shape, places, t]);
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={TYPES}
      colorMode={scheme}
      minZoom={0.2}
      maxZoom={1.6}
      nodesDraggable={false}
      nodesConnectable={editing !== undefined}
      elementsSelectable
      deleteKeyCode={editing ? ["Backspace", "Delete"] : null}
      onNodeClick={(_, node) => choose(node.id === chosen ? "" : node.id)}
      onPaneClick={() => choose("")}
      onConnect={({ source, target }: Connection) => editing?.connect(source, target)}
      onNodesDelete={(gone) => editing?.removeNodes(gone.map((node) => node.id))}
      onEdgesDelete={(gone) => editing?.removeEdges(gone.flatMap((edge) => (edge.data?.edge ? [edge.data.edge as ShapeEdge] : [])))}
      proOptions={{ hideAttribution: true }}
      ariaLabelConfig={{
        "controls.ariaLabel": t("run.graphView.title"),
        "controls.fitView.ariaLabel": t("run.graphView.fit"),
        "controls.zoomIn.ariaLabel": t("run.graphView.zoomIn"),
        "controls.zoomOut.ariaLabel": t("run.graphView.zoomOut"),
      }}
    >
      <Fit places={places} width={width} height={height} />
      <Controls showInteractive={false} position="top-right" orientation="horizontal" fitViewOptions={{ padding: 0.06, maxZoom: 1.1 }} />
    </ReactFlow>
  );
}

/** Shows the whole graph whenever it or its pane has another size. */
function Fit({ places, width, height }: { places: ReadonlyMap<string, Place>; width: number; height: number }) {
  const { setViewport } = useReactFlow();
  useEffect(() => void setViewport(viewOf(places, width, height)), [setViewport, places, width, height]);
  return null;
}

/** For edges that go around nodes. */
const AROUND = { type: "smoothstep", pathOptions: { borderRadius: 14, offset: 18 } };

function drawn(edge: ShapeEdge, places: ReadonlyMap<string, Place>, loop: (count: number) => string): Edge {
  const { from, to } = sides(edge, places);
  const colour = EDGE_COLOURS[edge.kind];
  return {
    id: `${edge.kind}:${edge.source}:${edge.target}`,
    source: edge.source,
    target: edge.target,
    sourceHandle: from,
    targetHandle: `to-${to}`,
    data: { edge },
    ...(from === "right" && to === "left" && edge.kind !== "then" ? {} : AROUND),
    style: { stroke: colour, strokeWidth: 1.8, ...(edge.kind === "after" ? {} : { strokeDasharray: edge.kind === "any" ? "3 4" : "7 4" }) },
    markerEnd: { type: MarkerType.ArrowClosed, color: colour, width: 16, height: 16 },
    ...(edge.kind === "then" ? { label: loop(edge.most ?? 0) } : {}),
    focusable: edge.kind !== "or_else",
  };
}
