import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { Comparison, RunBrief } from "@/api/types.gen";
import { EvidenceBadge } from "@/screens/home/RunLine";
import { StateBadge } from "@/ui/StateBadge";
import { duration, money, percent, thousands } from "@/ui/format";
import card from "@/ui/ui.module.css";

import classes from "./Compare.module.css";

interface Measure {
  readonly word: "turns" | "tokens" | "time" | "cost";
  readonly of: (run: RunBrief) => number | null;
  readonly shown: (value: number) => string;
}

const tokens = (run: RunBrief): number => (run.usage.prompt ?? 0) + (run.usage.completion ?? 0);

/** Less is better in all of these. */
const MEASURES: readonly Measure[] = [
  { word: "turns", of: (run) => run.turns, shown: String },
  { word: "tokens", of: tokens, shown: thousands },
  { word: "time", of: (run) => run.seconds, shown: duration },
  { word: "cost", of: (run) => run.cost, shown: money },
];

/** What each run took, in numbers and by phase. */
export function Measures({ comparison }: { comparison: Comparison }) {
  const { t } = useTranslation();
  const [a, b] = [comparison.a.run, comparison.b.run];
  const phases = [...new Set([...comparison.a.phases, ...comparison.b.phases].map((phase) => phase.name))];
  const spent = (side: "a" | "b", name: string) => {
    const phase = comparison[side].phases.find((one) => one.name === name);
    return phase && !phase.skipped ? (phase.usage?.prompt ?? 0) + (phase.usage?.completion ?? 0) : undefined;
  };
  return (
    <section className={card.card}>
      <h2 className={classes.second}>{t("compare.measure")}</h2>
      <table className={classes.table}>
        <thead>
          <tr>
            <td />
            <th>{t("compare.a")}</th>
            <th>{t("compare.b")}</th>
          </tr>
        </thead>
        <tbody>
          <Pair word={t("compare.state")} a={<StateBadge state={a.state} />} b={<StateBadge state={b.state} />} />
          <Pair word={t("compare.evidence")} a={<EvidenceBadge evidence={a.evidence} />} b={<EvidenceBadge evidence={b.evidence} />} />
          {MEASURES.map(({ word, of, shown }) => {
            const [left, right] = [of(a), of(b)];
            if (left === null && right === null) return null;
            return <Pair key={word} word={t(`compare.${word}`)} a={left === null ? "–" : shown(left)} b={right === null ? "–" : shown(right)} better={lower(left, right)} />;
          })}
          <Pair word={t("compare.cached")} a={`${percent(a.usage.cached ?? 0, a.usage.prompt ?? 0)} %`} b={`${percent(b.usage.cached ?? 0, b.usage.prompt ?? 0)} %`} />
          {phases.map((name) => {
            const [left, right] = [spent("a", name), spent("b", name)];
            if (!left && !right) return null;
            return <Pair key={name} word={`${t("compare.tokens")}: ${name.replaceAll("_", " ")}`} a={left === undefined ? "–" : thousands(left)} b={right === undefined ? "–" : thousands(right)} />;
          })}
        </tbody>
      </table>
    </section>
  );
}

function lower(a: number | null, b: number | null): "a" | "b" | undefined {
  if (a === null || b === null || a === b) return undefined;
  return a < b ? "a" : "b";
}

function Pair({ word, a, b, better }: { word: string; a: ReactNode; b: ReactNode; better?: "a" | "b" | undefined }) {
  return (
    <tr>
      <th scope="row">{word}</th>
      <td data-better={better === "a"}>{a}</td>
      <td data-better={better === "b"}>{b}</td>
    </tr>
  );
}
