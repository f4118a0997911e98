import { useTranslation } from "react-i18next";

import { Badge } from "@/ui/Tone";
import { oneLine } from "@/ui/format";

import classes from "./graph.module.css";
import type { NodeLook } from "./PhaseGraph";
import { STATUS_ICONS } from "./PhaseNode";
import type { Shape } from "./shape";

const TONES = { waiting: "plain", running: "info", asking: "person", done: "good", skipped: "plain", failed: "bad" } as const;

interface Props {
  readonly shape: Shape;
  readonly looks: (name: string) => NodeLook;
  readonly choose: (name: string) => void;
}

/** The graph in words: for those who cannot see it, and for narrow screens. */
export function PhaseTable({ shape, looks, choose }: Props) {
  const { t } = useTranslation();
  const titles = new Map(shape.nodes.map((node) => [node.name, node.title]));
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th>{t("run.costs.phase")}</th>
            <th>{t("run.graphView.work")}</th>
            <th>{t("run.graphView.after")}</th>
            <th>{t("run.graphView.state")}</th>
          </tr>
        </thead>
        <tbody>
          {shape.nodes.map((node) => {
            const { status } = looks(node.name);
            const before = shape.edges.filter((edge) => edge.target === node.name && edge.kind !== "then");
            const back = shape.edges.find((edge) => edge.source === node.name && edge.kind === "then");
            return (
              <tr key={node.name}>
                <td>
                  <button type="button" className={classes.rowButton} onClick={() => choose(node.name)}>
                    {oneLine(node.title, 60)}
                  </button>
                </td>
                <td>{oneLine(node.work, 80)}</td>
                <td>
                  {before.map((edge) => titles.get(edge.source) ?? edge.source).join(", ")}
                  {back && ` ↩ ${titles.get(back.target) ?? back.target} (${t("run.graphView.loop", { count: back.most ?? 0 })})`}
                </td>
                <td>
                  {status ? (
                    <Badge tone={TONES[status]} icon={STATUS_ICONS[status]}>
                      {t(`common.phase.${status}`)}
                    </Badge>
                  ) : (
                    t(`common.kind.${node.kind}`)
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
