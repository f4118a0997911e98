import { useTranslation } from "react-i18next";

import type { RunDetail } from "@/api/types.gen";
import { localized } from "@/i18n";
import { StateBadge } from "@/ui/StateBadge";
import { duration, money, oneLine, percent, thousands } from "@/ui/format";

import { Controls } from "./Controls";
import classes from "./Run.module.css";
import { RunNotice } from "./RunNotice";
import { stateOf, type View } from "./useMoment";

/** What the run is, how it stands, what it has taken, and what can be done with it. */
export function Head({ view, detail }: { view: View; detail: RunDetail | undefined }) {
  const { moment } = view;
  const state = view.at === undefined ? stateOf(view.live, detail) : moment.outcome || "running";
  const waiting = moment.waiting.length > 0;
  return (
    <header className={classes.head}>
      <div className={classes.titleRow}>
        <h1 className={classes.title} title={oneLine(moment.idea || detail?.idea || "", 1000)}>
          <bdi>{oneLine(moment.idea || detail?.idea || view.run, 300)}</bdi>
        </h1>
        <StateBadge state={state} waiting={waiting} />
        <Controls view={view} detail={detail} />
      </div>
      <Figures view={view} detail={detail} />
      <RunNotice view={view} detail={detail} />
    </header>
  );
}

function Figures({ view, detail }: { view: View; detail: RunDetail | undefined }) {
  const { t } = useTranslation();
  const { moment } = view;
  const tokens = moment.usage.prompt + moment.usage.completion;
  const allowed = detail?.limits.tokens ?? moment.resolved?.company.limits?.tokens ?? 0;
  const seconds = view.at === undefined && detail ? detail.seconds : Math.max(0, moment.at - moment.began);
  return (
    <dl className={classes.figures}>
      <div className={classes.optional}>
        <dt>{t("home.company")}</dt>
        <dd>{localized(detail?.company_title) || detail?.company || ""}</dd>
      </div>
      <div>
        <dt>{t("run.turns")}</dt>
        <dd>{moment.turns}</dd>
      </div>
      <div>
        <dt>{t("run.tokens")}</dt>
        <dd>
          {thousands(tokens)}{" "}
          <small>{t("run.cached", { percent: percent(moment.usage.cached, moment.usage.prompt) })}</small>
        </dd>
      </div>
      {allowed > 0 && (
        <div className={classes.optional}>
          <dt>{t("run.budget")}</dt>
          <dd>
            <meter className={classes.meter} min={0} max={allowed} value={tokens} high={allowed * 0.85} aria-label={t("run.budget")} />{" "}
            <small>{t("run.of", { allowed: thousands(allowed) })}</small>
          </dd>
        </div>
      )}
      <div>
        <dt>{t("run.time")}</dt>
        <dd>{duration(seconds)}</dd>
      </div>
      {detail?.cost != null && detail.cost > 0 && (
        <div>
          <dt>{t("run.cost")}</dt>
          <dd>{money(detail.cost)}</dd>
        </div>
      )}
      {detail?.start && (
        <div className={classes.optional}>
          <dt>{t("run.start")}</dt>
          <dd>
            <code>{oneLine(detail.start, 80)}</code>
          </dd>
        </div>
      )}
    </dl>
  );
}
