import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ofRun } from "@/api/http";
import type { Evidence, Moment as Glance, Show, TestCase } from "@/api/types.gen";
import type { Seen } from "@/journal/moment";
import { Code } from "@/ui/Content";
import { Badge, Empty } from "@/ui/Tone";
import { duration, oneLine, plain, spoken } from "@/ui/format";
import card from "@/ui/ui.module.css";

import { EvidenceHead } from "./EvidenceHead";
import classes from "./Evidence.module.css";
import run from "./Run.module.css";
import { phaseTitle } from "./titles";
import type { View } from "./useMoment";

/** So many pieces of evidence are unfolded at first. */
const OPEN = 1;

/** All that commands showed, the latest first. */
export function EvidencePanel({ view }: { view: View }) {
  const { t } = useTranslation();
  const seen = view.moment.evidence.toReversed();
  if (seen.length === 0) return <Empty icon="terminal">{t("run.evidence.none")}</Empty>;
  return (
    <div className={run.padded} tabIndex={0} role="region" aria-label={t("run.panel")}>
      <p className={card.faint} style={{ margin: 0 }}>
        {t("run.evidence.help")}
      </p>
      {seen.map((one, index) => (
        <details key={one.seq} className={card.card} open={index < OPEN || undefined}>
          <summary className={classes.summary}>
            <span className={card.faint}>
              {phaseTitle(view.moment, one.phase)} · {one.visit > 0 ? t("run.visit", { count: one.visit }) : t("run.delivered")}
            </span>
            <EvidenceHead evidence={one.evidence} />
          </summary>
          <Details run={view.run} seen={one} />
        </details>
      ))}
    </div>
  );
}

function Details({ run, seen }: { run: string; seen: Seen }) {
  const { t } = useTranslation();
  const { evidence } = seen;
  const output = [evidence.head, evidence.tail].filter(Boolean).join("\n…\n");
  return (
    <div className={classes.details}>
      {evidence.reason && <p className={classes.reason}>{spoken(evidence.reason)}</p>}
      <Facts evidence={evidence} />
      {(evidence.tests?.cases?.length ?? 0) > 0 && <Tests cases={evidence.tests?.cases ?? []} />}
      {(evidence.shows ?? []).map((show, index) => (
        <ShowView key={`${index}`} run={run} show={show} />
      ))}
      {output && <Code text={output} title={t("run.evidence.output")} />}
    </div>
  );
}

function Facts({ evidence }: { evidence: Evidence }) {
  const { t } = useTranslation();
  const { coverage } = evidence;
  const facts = [
    evidence.exit_code != null && t("run.evidence.exit", { code: evidence.exit_code }),
    evidence.ended && evidence.ended !== "exited" && t("run.evidence.ended", { how: evidence.ended }),
    coverage?.total && t("run.evidence.coverage", { percent: Math.floor((100 * coverage.covered) / coverage.total) }),
    (evidence.repeats ?? 0) > 0 && t("run.evidence.repeats", { count: (evidence.repeats ?? 0) + 1 }),
    evidence.sandbox && t("run.evidence.sandbox", { name: evidence.sandbox }),
    evidence.commit && t("run.files.at", { commit: evidence.commit.slice(0, 7) }),
  ].filter((fact): fact is string => typeof fact === "string" && fact !== "");
  return <p className={card.faint}>{plain(facts.join(" · "))}</p>;
}

const TONES = { passed: "good", failed: "bad", error: "bad", skipped: "warn" } as const;

function Tests({ cases }: { cases: readonly TestCase[] }) {
  const { t } = useTranslation();
  const [bad, setBad] = useState(false);
  const order = { failed: 0, error: 1, skipped: 2, passed: 3 };
  const shown = cases.filter((one) => !bad || one.outcome !== "passed").toSorted((a, b) => order[a.outcome] - order[b.outcome]);
  return (
    <div>
      <label className={card.faint}>
        <input type="checkbox" checked={bad} onChange={(event) => setBad(event.currentTarget.checked)} /> {t("run.evidence.onlyBad")}
      </label>
      <table className={classes.tests}>
        <caption className={card.hidden}>{t("run.evidence.tests")}</caption>
        <thead>
          <tr>
            <th>{t("run.evidence.test")}</th>
            <th>{t("run.evidence.outcome")}</th>
            <th>{t("run.evidence.seconds")}</th>
          </tr>
        </thead>
        <tbody>
          {shown.slice(0, 300).map((one) => (
            <tr key={one.id}>
              <td>
                <bdi className={classes.name}>{oneLine(one.id, 300)}</bdi>
                {one.message && <div className={classes.message}>{plain(one.message)}</div>}
                {one.frame && <pre className={classes.frame} tabIndex={0}>{plain(one.frame)}</pre>}
              </td>
              <td>
                <Badge tone={TONES[one.outcome]} icon={one.outcome === "passed" ? "check" : one.outcome === "skipped" ? "skip" : "cross"}>
                  {t(`run.evidence.outcomes.${one.outcome}`)}
                </Badge>
              </td>
              <td className={classes.number}>{(one.seconds ?? 0).toFixed(3)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ShowView({ run, show }: { run: string; show: Show }) {
  const { t } = useTranslation();
  const unseen = show.ended === "not_run";
  return (
    <section className={classes.show}>
      <h2 className={classes.showTitle}>
        {t(`run.evidence.shown.${show.kind}`)}{" "}
        <Badge tone={unseen ? "warn" : show.passed ? "good" : "bad"} icon={unseen ? "warn" : show.passed ? "check" : "cross"}>
          {t(unseen ? "run.evidence.notSeen" : show.passed ? "common.passed" : "common.notPassed")}
        </Badge>{" "}
        <small className={card.faint}>{duration(show.seconds ?? 0)}</small>
      </h2>
      {show.reason && <p className={classes.reason}>{spoken(show.reason)}</p>}
      {unseen && show.fix && <p className={card.faint}>{spoken(show.fix)}</p>}
      <ol className={classes.moments}>
        {(show.moments ?? []).map((moment, index) => (
          <li key={`${index}`}>
            <GlanceView run={run} moment={moment} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function GlanceView({ run, moment }: { run: string; moment: Glance }) {
  const { t } = useTranslation();
  const name = moment.picture?.split("/").pop() ?? "";
  const source = ofRun(run, `/pictures/${encodeURIComponent(name)}`);
  return (
    <>
      <bdi className={classes.name}>{oneLine(moment.did, 160)}</bdi>
      {name && (
        <a href={source} target="_blank" rel="noreferrer" aria-label={`${t("run.evidence.enlarge")}: ${oneLine(moment.did, 80)}`}>
          <img className={classes.picture} src={source} loading="lazy" alt={t("run.evidence.picture", { did: oneLine(moment.did, 80) })} />
        </a>
      )}
      {moment.saw && <pre className={classes.frame} tabIndex={0}>{plain(moment.saw)}</pre>}
    </>
  );
}
