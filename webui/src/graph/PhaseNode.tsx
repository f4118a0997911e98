import { Handle, Position, type Node, type NodeProps } from "@xyflow/react";
import { memo } from "react";
import { useTranslation } from "react-i18next";

import type { PhaseStatus } from "@/journal/moment";
import { Icon, type IconName } from "@/ui/Icon";
import { oneLine } from "@/ui/format";

import classes from "./graph.module.css";
import type { PhaseKind, ShapeNode } from "./shape";

export interface PhaseData extends Record<string, unknown> {
  readonly node: ShapeNode;
  readonly status?: PhaseStatus | undefined;
  readonly visits: number;
  readonly note: string;
  readonly problem: "" | "error" | "warning";
  readonly editable: boolean;
}

export type PhaseFlowNode = Node<PhaseData, "phase">;

export const KIND_ICONS: Record<PhaseKind, IconName> = {
  ask: "bubble",
  meet: "chat",
  run: "terminal",
  human: "person",
  company: "company",
  network: "link",
  call: "gear",
};

export const STATUS_ICONS: Record<PhaseStatus, IconName> = {
  waiting: "clock",
  running: "play",
  asking: "person",
  done: "check",
  skipped: "skip",
  failed: "cross",
};

const SIDES = [
  ["left", Position.Left],
  ["right", Position.Right],
  ["top", Position.Top],
  ["bottom", Position.Bottom],
] as const;

/** A phase: what it is, who works in it, and how it stands, each as words beside the colour. */
export const PhaseNode = memo(function PhaseNode({ data, selected }: NodeProps<PhaseFlowNode>) {
  const { t } = useTranslation();
  const { node, status } = data;
  return (
    <div className={classes.node} data-status={status ?? "none"} data-selected={selected} data-problem={data.problem || undefined}>
      {SIDES.map(([id, position]) => (
        <Handle key={`to-${id}`} id={`to-${id}`} type="target" position={position} className={classes.handle} isConnectable={data.editable && id === "left"} data-shown={data.editable && id === "left"} />
      ))}
      <div className={classes.title}>
        <Icon name={KIND_ICONS[node.kind]} size={15} />
        <span>{oneLine(node.title, 48)}</span>
        {data.problem && <Icon name="warn" size={14} />}
      </div>
      <div className={classes.work}>{oneLine(node.work, 60)}</div>
      <div className={classes.status}>
        {status ? (
          <>
            <Icon name={STATUS_ICONS[status]} size={12} />
            {t(`common.phase.${status}`)}
            {data.visits > 1 && ` · ${t("run.visit", { count: data.visits })}`}
          </>
        ) : (
          <span>{node.each ? `× ${oneLine(node.each, 30)}` : node.when ? `? ${oneLine(node.when, 30)}` : t(`common.kind.${node.kind}`)}</span>
        )}
        {data.note && <span className={classes.note}>{data.note}</span>}
      </div>
      {SIDES.map(([id, position]) => (
        <Handle key={id} id={id} type="source" position={position} className={classes.handle} isConnectable={data.editable && id === "right"} data-shown={data.editable && id === "right"} />
      ))}
    </div>
  );
});
