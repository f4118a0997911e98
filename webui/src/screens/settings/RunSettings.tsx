import { Button, NativeSelect } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { put } from "@/api/http";
import { useBlueprints } from "@/api/queries";
import type { SettingRow, SettingsWritten, Written } from "@/api/types.gen";
import { localized } from "@/i18n";
import { ErrorNote } from "@/ui/ErrorNote";
import { NumberField } from "@/ui/NumberField";
import { Note } from "@/ui/Tone";
import home from "@/screens/home/Home.module.css";
import card from "@/ui/ui.module.css";

import classes from "../models/Models.module.css";

const LIMITS = ["tokens", "turns", "minutes"] as const;

/** What runs begin with when nothing else is said. */
export function RunSettings({ rows }: { rows: readonly SettingRow[] }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const companies = useBlueprints("company").data?.blueprints ?? [];
  const [changes, setChanges] = useState<Record<string, string | number | null>>({});
  const [where, setWhere] = useState<"project" | "user">("project");
  const save = useMutation({
    mutationFn: () => put<Written>("/api/settings", { where, values: changes } satisfies SettingsWritten),
    onSuccess: () => {
      setChanges({});
      void queries.invalidateQueries({ queryKey: ["settings"] });
      void queries.invalidateQueries({ queryKey: ["status"] });
    },
  });
  const value = (path: string) => changes[path] ?? (path in changes ? "" : (rows.find((row) => row.path === path)?.value ?? ""));
  const set = (path: string, next: string | number | null) => setChanges({ ...changes, [path]: next });
  return (
    <section className={card.card}>
      <h2 className={classes.second}>{t("settings.runs")}</h2>
      <div className={home.fields}>
        <NativeSelect
          label={t("settings.company")}
          value={String(value("company"))}
          onChange={(event) => set("company", event.currentTarget.value)}
          data={companies.length > 0 ? companies.map((one) => ({ value: one.name, label: localized(one.title) || one.name })) : [String(value("company"))]}
        />
        <NativeSelect
          label={t("settings.speak")}
          value={String(value("language"))}
          onChange={(event) => set("language", event.currentTarget.value)}
          data={[
            { value: "en", label: "English" },
            { value: "zh", label: "中文" },
          ]}
        />
        <NativeSelect
          label={t("settings.where")}
          value={where}
          onChange={(event) => setWhere(event.currentTarget.value as "project" | "user")}
          data={[
            { value: "project", label: t("settings.project") },
            { value: "user", label: t("settings.user") },
          ]}
        />
        {LIMITS.map((name) => {
          const now = value(`limits.${name}`);
          return (
            <NumberField key={name} label={t(`settings.${name}`)} placeholder={t("settings.usual")} value={now === "" ? "" : Number(now)} change={(next) => set(`limits.${name}`, next === "" ? null : next)} />
          );
        })}
      </div>
      <div className={home.buttons}>
        <Button loading={save.isPending} disabled={Object.keys(changes).length === 0} onClick={() => save.mutate()}>
          {t("settings.save")}
        </Button>
        <span role="status">{save.isSuccess && Object.keys(changes).length === 0 ? t("settings.saved") : ""}</span>
      </div>
      <ErrorNote error={save.error} />
      {(save.data?.shadowed.length ?? 0) > 0 && <Note tone="warn" icon="warn" title={t("settings.shadowed", { paths: save.data?.shadowed.join(", ") })} />}
    </section>
  );
}
