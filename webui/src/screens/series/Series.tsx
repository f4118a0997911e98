import { Progress } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";

import { useSeries, useSimulations } from "@/api/queries";
import type { RunBrief, SeriesBar } from "@/api/types.gen";
import { localized } from "@/i18n";
import home from "@/screens/home/Home.module.css";
import { ErrorNote } from "@/ui/ErrorNote";
import { StateBadge } from "@/ui/StateBadge";
import { Empty } from "@/ui/Tone";
import { duration, oneLine, scalar } from "@/ui/format";
import card from "@/ui/ui.module.css";

import classes from "./Series.module.css";

/** Runs of one environment that were begun together: what each measured, and what they did on average. */
export default function Series({ series }: { series: string }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useSeries(series);
  const known = useSimulations().data?.simulations.find((one) => one.name === data?.environment);
  if (!data) return error ? <ErrorNote error={error} retry={() => void refetch()} /> : <Empty icon="clock">{t("shell.loading")}</Empty>;
  const over = data.runs.filter((run) => run.scene?.over).length;
  return (
    <div className={home.screen}>
      <header>
        <Link href="/">{t("shell.toHome")}</Link>
        <h1 className={home.heading}>{t("home.series", { what: localized(known?.title) || data.environment, count: data.runs.length })}</h1>
        <p className={card.faint}>{t("home.seriesOver", { over, count: data.runs.length })}</p>
        {over < data.runs.length && <Progress value={(100 * over) / data.runs.length} aria-label={t("home.seriesOver", { over, count: data.runs.length })} />}
      </header>
      <section className={card.card} aria-labelledby="means">
        <h2 className={home.third} id="means">
          {t("home.means", { count: over })}
        </h2>
        {data.bars.length === 0 ? <p className={card.faint}>{t("home.nothingMeasured")}</p> : <Plot bars={data.bars} />}
      </section>
      <section className={`${card.card} ${classes.wide}`} aria-label={t("home.eachRun")} tabIndex={0}>
        <Table runs={data.runs} />
      </section>
    </div>
  );
}

/** A bar for each measure; the number says it as well. */
function Plot({ bars }: { bars: readonly SeriesBar[] }) {
  return (
    <dl className={classes.plot}>
      {bars.map((bar) => (
        <div key={bar.name}>
          <dt>{oneLine(bar.name.replaceAll("_", " "), 60)}</dt>
          <dd>
            <span className={classes.track}>
              <span className={classes.bar} style={{ width: `${100 * Math.min(1, Math.max(0, bar.filled))}%` }} />
            </span>
            {oneLine(bar.said, 30)}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Table({ runs }: { runs: readonly RunBrief[] }) {
  const { t } = useTranslation();
  const names = [...new Set(runs.flatMap((run) => Object.keys(run.scene?.measures ?? {})))];
  return (
    <table className={classes.table}>
      <caption className={card.hidden}>{t("home.eachRun")}</caption>
      <thead>
        <tr>
          <th>{t("home.seedShort")}</th>
          <th>{t("home.state")}</th>
          {names.map((name) => (
            <th key={name}>{oneLine(name.replaceAll("_", " "), 40)}</th>
          ))}
          <th className={home.number}>{t("home.time_column")}</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <tr key={run.id}>
            <td>
              <Link href={`/runs/${encodeURIComponent(run.id)}`} aria-label={run.id}>
                {run.scene?.seed ?? run.id}
              </Link>
            </td>
            <td>
              <StateBadge state={run.state} waiting={run.waiting.length > 0} />
            </td>
            {names.map((name) => (
              <td key={name}>{cell(run.scene?.measures?.[name], t)}</td>
            ))}
            <td className={home.number}>{duration(run.seconds)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function cell(value: unknown, t: (word: "common.yes" | "common.no") => string): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "boolean") return t(value ? "common.yes" : "common.no");
  return oneLine(scalar(value), 40);
}
