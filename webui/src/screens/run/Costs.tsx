import { useTranslation } from "react-i18next";

import { Badge } from "@/ui/Tone";
import { duration, oneLine, percent, thousands } from "@/ui/format";
import card from "@/ui/ui.module.css";
import type { PhaseStatus } from "@/journal/moment";

import classes from "./Costs.module.css";
import run from "./Run.module.css";
import { phaseTitle } from "./titles";
import type { View } from "./useMoment";

export const STATUS_TONES = {
  waiting: "plain",
  running: "info",
  asking: "person",
  done: "good",
  skipped: "plain",
  failed: "bad",
} as const satisfies Record<PhaseStatus, string>;

/** What the run took up to this moment: by phase and by model. */
export function Costs({ view }: { view: View }) {
  const { t } = useTranslation();
  const { moment } = view;
  const phases = [...moment.phases].filter(([name, state]) => name && state.status !== "waiting");
  const most = Math.max(1, ...phases.map(([, state]) => state.tokens));
  return (
    <div className={run.padded} tabIndex={0} role="region" aria-label={t("run.panel")}>
      <section className={card.card}>
        <h2 className={classes.title}>{t("run.costs.byPhase")}</h2>
        <table className={classes.table}>
          <thead>
            <tr>
              <th>{t("run.costs.phase")}</th>
              <th>{t("run.graphView.state")}</th>
              <th>{t("run.costs.turns")}</th>
              <th>{t("run.costs.tokens")}</th>
              <th>{t("run.costs.seconds")}</th>
            </tr>
          </thead>
          <tbody>
            {phases.map(([name, state]) => (
              <tr key={name}>
                <td>
                  {phaseTitle(moment, name)}
                  {state.visit > 1 && <small> ×{state.visit}</small>}
                  <span className={classes.bar} style={{ width: `${(100 * state.tokens) / most}%` }} />
                </td>
                <td>
                  <Badge tone={STATUS_TONES[state.status]}>{t(`common.phase.${state.status}`)}</Badge>
                </td>
                <td>{state.turns}</td>
                <td>{thousands(state.tokens)}</td>
                <td>{duration(state.seconds)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section className={card.card}>
        <h2 className={classes.title}>{t("run.costs.byTier")}</h2>
        <table className={classes.table}>
          <thead>
            <tr>
              <th>{t("run.costs.model")}</th>
              <th>{t("run.costs.turns")}</th>
              <th>{t("run.costs.prompt")}</th>
              <th>{t("run.costs.cached")}</th>
              <th>{t("run.costs.completion")}</th>
            </tr>
          </thead>
          <tbody>
            {[...moment.tiers].map(([tier, used]) => (
              <tr key={tier}>
                <td>
                  {oneLine(used.model || tier, 50)} <small>{oneLine(tier, 30)}</small>
                </td>
                <td>{used.turns}</td>
                <td>{thousands(used.usage.prompt)}</td>
                <td>{percent(used.usage.cached, used.usage.prompt)} %</td>
                <td>{thousands(used.usage.completion)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <p className={card.faint}>
          {t("run.costs.repairs")}: {moment.repairs}
        </p>
      </section>
    </div>
  );
}
