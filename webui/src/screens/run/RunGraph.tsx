import { NativeSelect, SegmentedControl } from "@mantine/core";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Resolved } from "@/api/types.gen";
import { PhaseGraph } from "@/graph/PhaseGraph";
import { PhaseTable } from "@/graph/PhaseTable";
import classes from "@/graph/graph.module.css";
import { shapeOf } from "@/graph/shape";
import { localized } from "@/i18n";
import { Empty } from "@/ui/Tone";
import { thousands } from "@/ui/format";

import type { View } from "./useMoment";

interface Props {
  readonly view: View;
  readonly chosen: string;
  readonly choose: (phase: string) => void;
}

/** The company's graph with the state of each phase at this moment. A phase that is chosen filters the dialogue. */
export default function RunGraph({ view, chosen, choose }: Props) {
  const { t, i18n } = useTranslation();
  const [inside, setInside] = useState("");
  const [table, setTable] = useState(false);
  const { moment } = view;
  const whole = moment.resolved;
  const resolved = inside ? inner(whole, inside) : whole;
  const shape = useMemo(
    () => (resolved ? shapeOf(resolved.company, resolved) : { nodes: [], edges: [] }),
    [resolved, i18n.language],
  );
  const prefix = inside ? `${inside}.` : "";
  const looks = useCallback(
    (name: string) => {
      const state = moment.phase(prefix + name);
      return { status: state.status, visits: state.visit, note: state.tokens ? thousands(state.tokens) : "" };
    },
    [moment, prefix],
  );
  if (!whole || !resolved) return <Empty icon="company">{t("run.waitingFirst")}</Empty>;
  const inners = Object.entries(whole.company.phases).filter(([, phase]) => phase.company);
  const pick = (name: string) => choose(name ? prefix + name : "");
  const shown = chosen.startsWith(prefix) ? chosen.slice(prefix.length) : "";
  return (
    <div className={classes.column}>
      <div className={classes.bar}>
        <SegmentedControl
          size="xs"
          aria-label={t("run.graphView.title")}
          value={table ? "table" : "picture"}
          onChange={(value) => setTable(value === "table")}
          data={[
            { value: "picture", label: t("run.graphView.picture") },
            { value: "table", label: t("run.graphView.table") },
          ]}
        />
        {inners.length > 0 && (
          <NativeSelect
            size="xs"
            aria-label={t("run.graphView.inner")}
            value={inside}
            onChange={(event) => setInside(event.currentTarget.value)}
            data={[
              { value: "", label: t("run.graphView.outer") },
              ...inners.map(([name, phase]) => ({ value: name, label: localized(phase.title) || name })),
            ]}
          />
        )}
      </div>
      {table ? (
        <PhaseTable shape={shape} looks={looks} choose={pick} />
      ) : (
        <PhaseGraph shape={shape} looks={looks} chosen={shown} choose={pick} />
      )}
    </div>
  );
}

function inner(whole: Resolved | undefined, name: string): Resolved | undefined {
  const company = whole?.company.phases[name]?.company;
  return company ? whole?.companies?.[company] : undefined;
}
