import { useTranslation } from "react-i18next";

import type { SceneEnded } from "@/api/types.gen";
import type { Moment } from "@/journal/moment";
import { inWords } from "@/i18n/sentences";
import { DataView } from "@/ui/DataView";
import { oneLine, plain } from "@/ui/format";

import classes from "./Dialogue.module.css";
import { phaseTitle } from "./titles";

const REASONS = ["ended", "turns", "agreed", "approved", "silence", "circles", "condition", "passed", "judged", "stopped"] as const;

/** How a conversation ended: why, what its environment says of it, and what it measured. */
export function SceneEnd({ ended, moment }: { ended: SceneEnded; moment: Moment }) {
  const { t } = useTranslation();
  const known = REASONS.find((reason) => reason === ended.reason);
  const why = known ? t(`run.over.${known}`) : oneLine(inWords(ended.reason), 80);
  return (
    <article className={classes.evidence} aria-label={t("run.sceneEnd")}>
      <strong>{t("run.line.sceneEnded", { phase: phaseTitle(moment, ended.phase), why, count: ended.turns })}</strong>
      {ended.report && (
        <p className={classes.report} dir="auto">
          {plain(ended.report)}
        </p>
      )}
      {Object.keys(ended.measures ?? {}).length > 0 && <DataView value={ended.measures} />}
    </article>
  );
}
