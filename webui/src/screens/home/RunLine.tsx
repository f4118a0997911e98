import { useTranslation } from "react-i18next";
import { Link } from "wouter";

import type { EvidenceBrief, RunBrief, SceneBrief } from "@/api/types.gen";
import { localized } from "@/i18n";
import { StateBadge } from "@/ui/StateBadge";
import { Badge } from "@/ui/Tone";
import { day, duration, money, oneLine, scalar, thousands } from "@/ui/format";

import classes from "./Home.module.css";

/** One run in the list. */
export function RunLine({ run, chosen, choose }: { run: RunBrief; chosen: boolean; choose: () => void }) {
  const { t } = useTranslation();
  const tokens = (run.usage.prompt ?? 0) + (run.usage.completion ?? 0);
  return (
    <tr>
      <td className={classes.pick}>
        <input type="checkbox" checked={chosen} onChange={choose} aria-label={t("home.choose", { run: run.id })} />
      </td>
      <td className={classes.wide}>
        <Link className={classes.idea} href={`/runs/${encodeURIComponent(run.id)}`}>
          <bdi>{oneLine(run.idea, 140) || run.id}</bdi>
        </Link>
        <span className={classes.sub}>
          {localized(run.company_title) || run.company} · {day(run.created)} · {run.id}
          {run.parent && ` · ${t("home.forkOf", { run: run.parent })}`}
          {run.demo && ` · ${t("home.demoMark")}`}
        </span>
      </td>
      <td>
        <StateBadge state={run.state} waiting={run.waiting.length > 0} />
      </td>
      <td>
        {run.scene ? <Outcome scene={run.scene} /> : <EvidenceBadge evidence={run.evidence} />}
      </td>
      <td className={classes.number}>
        {duration(run.seconds)}
        <span className={`${classes.sub} ${classes.optional}`}>
          <br />
          {t("home.spent", { tokens: thousands(tokens) })}
          {run.cost !== null && run.cost > 0 && ` · ${money(run.cost)}`}
        </span>
      </td>
    </tr>
  );
}

/** How a simulation went, in its own words. */
export function Outcome({ scene }: { scene: SceneBrief }) {
  const { t } = useTranslation();
  if (!scene.over) return <Badge>{t("home.notOver")}</Badge>;
  const measured = Object.entries(scene.measures ?? {}).map(([name, value]) => `${name.replaceAll("_", " ")}: ${scalar(value)}`);
  const said = scene.report || measured.join(" · ");
  return (
    <span className={classes.outcome} title={oneLine(said, 400)}>
      <bdi>{oneLine(said, 90) || t("home.over")}</bdi>
    </span>
  );
}

/** What the tests showed, in a few words. */
export function EvidenceBadge({ evidence }: { evidence: EvidenceBrief | null }) {
  const { t } = useTranslation();
  if (!evidence) return <Badge>{t("home.noEvidence")}</Badge>;
  const passed = evidence.passed_tests ?? 0;
  const total = passed + (evidence.failed_tests ?? 0);
  return (
    <Badge tone={evidence.passed ? "good" : "bad"} icon={evidence.passed ? "check" : "cross"}>
      {total > 0 ? t("home.tests", { passed, total }) : t(evidence.passed ? "common.passed" : "common.notPassed")}
    </Badge>
  );
}
