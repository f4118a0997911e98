import { useTranslation } from "react-i18next";
import { Link } from "wouter";

import type { ModelState } from "@/api/types.gen";
import { Badge } from "@/ui/Tone";
import { oneLine, spoken, thousands } from "@/ui/format";
import card from "@/ui/ui.module.css";

import classes from "./Home.module.css";

/** What answers, and what to do if nothing does. */
export function ModelCard({ models }: { models: readonly ModelState[] | undefined }) {
  const { t } = useTranslation();
  return (
    <section className={card.card} aria-labelledby="model-card">
      <h2 className={classes.third} id="model-card">
        {t("home.model")}
      </h2>
      {(models ?? []).map((model) => (
        <ModelLine key={`${model.tier} ${model.place}`} model={model} />
      ))}
      {models?.length === 0 && <p className={card.faint}>{t("home.modelNone")}</p>}
      <Link href="/models">{t("home.modelMore")}</Link>
    </section>
  );
}

function ModelLine({ model }: { model: ModelState }) {
  const { t } = useTranslation();
  if (!model.model && !model.place && model.answers === false) return <p className={card.faint}>{t("home.modelNone")}</p>;
  const said = model.answers === null ? "home.modelUnasked" : model.answers ? "home.modelAnswers" : "home.modelSilent";
  return (
    <div className={classes.model}>
      <span className={classes.modelName}>{oneLine(model.model || model.place || model.tier, 80)}</span>
      <span>
        <Badge tone={model.answers ? "good" : model.answers === false ? "bad" : "plain"} icon={model.answers ? "check" : "warn"}>
          {t(said)}
        </Badge>
      </span>
      <span className={classes.sub}>
        {model.tier}
        {model.place && ` · ${oneLine(model.place, 80)}`}
        {model.context ? ` · ${t("home.modelContext", { size: thousands(model.context) })}` : ""}
      </span>
      {model.problem && <span className={classes.sub}>{spoken(model.problem)}</span>}
      {model.fix && <span className={classes.sub}>{spoken(model.fix)}</span>}
    </div>
  );
}
