import { useTranslation } from "react-i18next";
import { Link } from "wouter";

import { useComparison } from "@/api/queries";
import type { Comparison, Parting, RunBrief } from "@/api/types.gen";
import { localized } from "@/i18n";
import { Content } from "@/ui/Content";
import { ErrorNote } from "@/ui/ErrorNote";
import { Patch } from "@/ui/Patch";
import { Empty, Note } from "@/ui/Tone";
import { oneLine } from "@/ui/format";
import card from "@/ui/ui.module.css";

import classes from "./Compare.module.css";
import { Measures } from "./Measures";

/** Two runs: where they part, what each took, whose evidence is better. */
export default function Compare({ a, b }: { a: string; b: string }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useComparison(a, b);
  return (
    <div className={classes.screen}>
      <h1 className={classes.heading}>{t("compare.title")}</h1>
      <ErrorNote error={error} retry={() => void refetch()} />
      {!data && !error && <Empty icon="clock">{t("shell.loading")}</Empty>}
      {data && <Sides comparison={data} />}
    </div>
  );
}

function Sides({ comparison }: { comparison: Comparison }) {
  const { t } = useTranslation();
  const { a, b, parting, better, patch, shared } = comparison;
  return (
    <>
      <div className={classes.two}>
        <RunCard run={a.run} word={t("compare.a")} />
        <RunCard run={b.run} word={t("compare.b")} />
      </div>
      <Note tone={better === "unknown" ? "info" : "good"} icon={better === "unknown" ? "clock" : "check"} title={t(`compare.better.${better}`)} />
      <Measures comparison={comparison} />
      <section className={card.card}>
        <h2 className={classes.second}>{parting ? t("compare.parting", { phase: parting.phase.replaceAll("_", " ") }) : t("compare.noParting")}</h2>
        <p className={card.faint}>
          {t("compare.shared", { count: shared })} {parting && t(`compare.what.${parting.what}`)}
        </p>
        {parting && <PartingView parting={parting} />}
      </section>
      <section className={card.card}>
        <h2 className={classes.second}>{t(patch ? "compare.files" : "compare.sameFiles")}</h2>
        {patch && <Patch patch={patch} />}
      </section>
    </>
  );
}

function RunCard({ run, word }: { run: RunBrief; word: string }) {
  return (
    <section className={card.card}>
      <p className={card.faint} style={{ margin: 0 }}>
        {word} · {localized(run.company_title) || run.company}
      </p>
      <Link href={`/runs/${encodeURIComponent(run.id)}`} className={classes.idea}>
        <bdi>{oneLine(run.idea, 200)}</bdi>
      </Link>
      <p className={card.faint} style={{ margin: 0 }}>
        {run.id}
      </p>
    </section>
  );
}

function PartingView({ parting }: { parting: Parting }) {
  const { t } = useTranslation();
  const texts = [
    [t("compare.a"), parting.seq_a, parting.text_a],
    [t("compare.b"), parting.seq_b, parting.text_b],
  ] as const;
  return (
    <div className={classes.two}>
      {texts.map(([word, seq, text]) => (
        <div key={word} className={classes.side}>
          <h3 className={classes.third}>{word}</h3>
          {seq === null ? <p className={card.faint}>{t("compare.nothing")}</p> : <Content text={text} />}
        </div>
      ))}
    </div>
  );
}
