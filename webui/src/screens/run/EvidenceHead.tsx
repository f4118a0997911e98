import { useTranslation } from "react-i18next";

import type { Evidence } from "@/api/types.gen";
import { Badge } from "@/ui/Tone";
import { duration, oneLine } from "@/ui/format";

import classes from "./Dialogue.module.css";

/** The command, and what it showed in a few words. */
export function EvidenceHead({ evidence }: { evidence: Evidence }) {
  const { t } = useTranslation();
  const { tests } = evidence;
  const kind = evidence.kind ?? "command";
  const passed = tests?.passed ?? 0;
  const total = passed + (tests?.failed ?? 0) + (tests?.errors ?? 0);
  const doubt = kind === "hollow" || kind === "control";
  return (
    <div className={classes.result}>
      <Badge tone={evidence.passed ? "good" : "bad"} icon={evidence.passed ? "check" : "cross"}>
        {total > 0 && !doubt ? t("home.tests", { passed, total }) : t(evidence.passed ? "common.passed" : "common.notPassed")}
      </Badge>
      <span>{t(`run.evidence.kind.${kind}`)}</span>
      <bdi className={classes.command}>$ {oneLine((evidence.command ?? []).join(" "), 160)}</bdi>
      <span className={classes.meta}>{duration(evidence.seconds ?? 0)}</span>
      {doubt && evidence.passed && (
        <span className={classes.meta}>{t(kind === "hollow" ? "run.evidence.doubtHollow" : "run.evidence.doubtControl")}</span>
      )}
    </div>
  );
}
