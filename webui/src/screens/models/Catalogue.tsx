import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { get } from "@/api/http";
import type { Catalogue as Answer } from "@/api/types.gen";
import { localized } from "@/i18n";
import { Badge } from "@/ui/Tone";
import { bytes, oneLine, thousands } from "@/ui/format";
import card from "@/ui/ui.module.css";

import classes from "./Models.module.css";
import type { CatalogueReport, Fit } from "./report";

const REASONS = ["fits", "memory", "context", "no_gpu", "old_gpu", "form", "draft"] as const;

/** Models one can host, and whether they fit this machine. */
export function Catalogue() {
  const { t } = useTranslation();
  const { data } = useQuery({ queryKey: ["catalogue"], queryFn: () => get<Answer>("/api/models/catalogue"), staleTime: 60_000 });
  const report = data?.report as CatalogueReport | undefined;
  if (!report) return null;
  return (
    <section className={card.card}>
      <h2 className={classes.second}>{t("models.catalogue")}</h2>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("models.catalogue")}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th>{t("models.model")}</th>
              <th>{t("models.size")}</th>
              <th>{t("models.context")}</th>
              <th>{t("models.fit")}</th>
            </tr>
          </thead>
          <tbody>
            {report.catalogue.map((one) => {
              const forms = Object.values(one.forms);
              const best = forms.find((form) => form.fit.fits) ?? forms.at(-1);
              return (
                <tr key={one.name}>
                  <td>
                    {oneLine(one.name, 60)} {one.recommended && <Badge tone="info">{t("models.recommended")}</Badge>}{" "}
                    {forms.some((form) => form.path) && <Badge tone="good">{t("models.here")}</Badge>}
                    {one.warning && <small>{oneLine(localized(one.warning), 160)}</small>}
                  </td>
                  <td>{best ? bytes(best.size) : "–"}</td>
                  <td>{thousands(one.context)}</td>
                  <td>{best && <FitBadge fit={best.fit} />}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function FitBadge({ fit }: { fit: Fit }) {
  const { t } = useTranslation();
  const reason = REASONS.find((one) => one === fit.reason) ?? "memory";
  return (
    <Badge tone={fit.fits ? "good" : "plain"} icon={fit.fits ? "check" : "cross"}>
      {t(`models.fits.${reason}`, { agents: fit.agents })}
    </Badge>
  );
}
