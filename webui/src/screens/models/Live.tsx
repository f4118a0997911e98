import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { get } from "@/api/http";
import type { MetricsList } from "@/api/types.gen";
import { oneLine } from "@/ui/format";
import card from "@/ui/ui.module.css";

import classes from "./Models.module.css";

/** What the servers are doing, every two seconds. */
export function Live() {
  const { t } = useTranslation();
  const { data } = useQuery({ queryKey: ["metrics"], queryFn: () => get<MetricsList>("/api/models/metrics"), refetchInterval: 2000 });
  const servers = data?.servers ?? [];
  return (
    <section className={card.card}>
      <h2 className={classes.second}>{t("models.metrics")}</h2>
      {servers.length === 0 ? (
        <p className={card.faint}>{t("models.noMetrics")}</p>
      ) : (
        <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("models.metrics")}>
          <table className={classes.table}>
            <thead>
              <tr>
                <th>{t("models.model")}</th>
                <th>{t("models.inFlight")}</th>
                <th>{t("models.waiting")}</th>
                <th>{t("models.speed")}</th>
                <th>{t("models.cacheHits")}</th>
              </tr>
            </thead>
            <tbody>
              {servers.map((one) => (
                <tr key={one.url}>
                  <td>
                    {oneLine(one.model, 60)}
                    <small>{one.url}</small>
                  </td>
                  <td>
                    {one.in_flight} / {one.limit}
                  </td>
                  <td>{one.waiting}</td>
                  <td>{one.tokens_per_second === null ? "–" : one.tokens_per_second.toFixed(0)}</td>
                  <td>{one.cache_hits === null ? "–" : `${Math.round(100 * one.cache_hits)} %`}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
