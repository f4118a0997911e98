import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { Environment } from "@/api/types.gen";
import run from "@/screens/run/Run.module.css";
import { Seats } from "@/stage/Seats";
import { rulesOf, seatsOf } from "@/stage/seating";
import { DataView } from "@/ui/DataView";
import { Note } from "@/ui/Tone";
import card from "@/ui/ui.module.css";
import { meaning } from "@/yaml/edit";

/** An environment from its rules: who sits there, who hears whom, what ends it. */
export function EnvironmentPicture({ text }: { text: string }) {
  const { t } = useTranslation();
  const said = useMemo(() => meaning(text), [text]);
  if (typeof said !== "object" || said === null) return <Note tone="warn" icon="warn" title={t("company.unreadable")} role="status" />;
  const environment = said as Environment;
  const seats = seatsOf(environment, undefined);
  return (
    <div className={run.padded} tabIndex={0} role="region" aria-label={t("company.picture")}>
      <Seats seats={seats} speaker="" hearers={[]} />
      <section className={card.card}>
        <h2 style={{ margin: "0 0 8px", fontSize: 15 }}>{t("run.stage.rules")}</h2>
        <DataView value={Object.fromEntries(rulesOf(environment).map(([kind, rule]) => [t(`run.rule.${kind}`), rule]))} />
      </section>
    </div>
  );
}
