import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { get } from "@/api/http";
import { useStatus } from "@/api/queries";
import type { SettingsShown } from "@/api/types.gen";
import { ErrorNote } from "@/ui/ErrorNote";
import { oneLine, plain } from "@/ui/format";
import card from "@/ui/ui.module.css";

import { PageSettings } from "./PageSettings";
import { RunSettings } from "./RunSettings";
import classes from "../models/Models.module.css";

/** Language, theme, budgets, and where every value comes from. */
export default function Settings() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery({ queryKey: ["settings"], queryFn: () => get<SettingsShown>("/api/settings") });
  const status = useStatus().data;
  return (
    <div className={classes.screen}>
      <h1 className={classes.heading}>{t("settings.title")}</h1>
      <PageSettings />
      <ErrorNote error={data ? undefined : error} retry={() => void refetch()} />
      {data && <RunSettings rows={data.settings} />}
      {data && (
        <section className={card.card}>
          <h2 className={classes.second}>{t("settings.all")}</h2>
          <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("settings.all")}>
            <table className={classes.table}>
              <thead>
                <tr>
                  <th>{t("settings.setting")}</th>
                  <th>{t("settings.value")}</th>
                  <th>{t("settings.origin")}</th>
                </tr>
              </thead>
              <tbody>
                {data.settings.map((row) => (
                  <tr key={row.path}>
                    <td>
                      <code>{row.path}</code>
                    </td>
                    <td>{row.value === "" ? <span className={card.faint}>{t("settings.unset")}</span> : oneLine(settingValue(row.value, t), 120)}</td>
                    <td>{plain(row.origin)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <p className={card.faint}>
            {t("settings.files")}: {data.files.join(", ")}
          </p>
        </section>
      )}
      {status && <p className={card.faint}>{t("settings.version", { version: status.version, project: status.project })}</p>}
    </div>
  );
}

function settingValue(value: string, t: (word: "common.yes" | "common.no") => string): string {
  if (value === "True") return t("common.yes");
  return value === "False" ? t("common.no") : value;
}
