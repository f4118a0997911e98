import { useTranslation } from "react-i18next";

import type { PhaseItem } from "@/journal/feed";
import type { Moment } from "@/journal/moment";

import classes from "./Dialogue.module.css";
import { phaseOf, phaseTitle } from "./titles";

/** Where a phase begins in the dialogue. */
export function PhaseHead({ item, moment }: { item: PhaseItem; moment: Moment }) {
  const { t } = useTranslation();
  const kind = phaseKind(phaseOf(moment.resolved, item.phase));
  return (
    <h2 className={classes.phase} style={{ margin: 0 }}>
      {phaseTitle(moment, item.phase)}
      <small>
        {kind && t(`common.kind.${kind}`)}
        {item.visit > 1 && ` · ${t("run.visit", { count: item.visit })}`}
      </small>
    </h2>
  );
}

const KINDS = ["ask", "meet", "run", "human", "company", "network", "call"] as const;

export function phaseKind(phase: object | undefined): (typeof KINDS)[number] | undefined {
  return KINDS.find((kind) => phase && kind in phase && (phase as Record<string, unknown>)[kind] != null);
}
