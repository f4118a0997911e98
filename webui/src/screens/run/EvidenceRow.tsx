import { useTranslation } from "react-i18next";

import type { EvidenceItem } from "@/journal/feed";
import { oneLine, spoken } from "@/ui/format";

import classes from "./Dialogue.module.css";
import { EvidenceHead } from "./EvidenceHead";

/** Evidence in the dialogue: the command, what it showed, and what failed. */
export function EvidenceRow({ item }: { item: EvidenceItem }) {
  const { t } = useTranslation();
  const { evidence } = item;
  const bad = (evidence.tests?.cases ?? []).filter((one) => one.outcome === "failed" || one.outcome === "error");
  return (
    <article className={classes.evidence} data-passed={evidence.passed} aria-label={t("run.tab.evidence")}>
      <EvidenceHead evidence={evidence} />
      {!evidence.passed && evidence.reason && <div>{spoken(evidence.reason)}</div>}
      {bad.length > 0 && (
        <ul className={classes.fails}>
          {bad.slice(0, 8).map((one) => (
            <li key={one.id}>
              ✗ <bdi>{oneLine(one.id, 120)}</bdi> <bdi>{oneLine(one.message ?? "", 200)}</bdi>
            </li>
          ))}
          {bad.length > 8 && <li>… {bad.length - 8}</li>}
        </ul>
      )}
    </article>
  );
}
