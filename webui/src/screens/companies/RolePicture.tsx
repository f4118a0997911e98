import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { localized } from "@/i18n";
import { Avatar } from "@/ui/Avatar";
import { DataView } from "@/ui/DataView";
import { Note } from "@/ui/Tone";
import { oneLine } from "@/ui/format";
import card from "@/ui/ui.module.css";
import { meaning } from "@/yaml/edit";

import run from "@/screens/run/Run.module.css";

/** A role or a language: what its text says, at a glance, in the language that is spoken. */
export function RolePicture({ text }: { text: string }) {
  const { t, i18n } = useTranslation();
  const said = useMemo(() => meaning(text), [text]);
  const shown = useMemo(() => spoken(said), [said, i18n.language]);
  if (typeof said !== "object" || said === null) return <Note tone="warn" icon="warn" title={t("company.unreadable")} role="status" />;
  const { name = "", title } = said as { name?: string; title?: string | Record<string, string> };
  return (
    <div className={run.padded} tabIndex={0} role="region" aria-label={t("company.picture")}>
      <section className={card.card}>
        <div style={{ display: "flex", gap: 12, alignItems: "center", marginBottom: 12 }}>
          <Avatar name={String(name)} title={localized(title) || String(name)} />
          <h2 style={{ margin: 0, fontSize: 17 }}>{oneLine(localized(title) || String(name), 60)}</h2>
        </div>
        <DataView value={shown} />
      </section>
    </div>
  );
}

/** Data with one language instead of a text for each. */
function spoken(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(spoken);
  if (typeof value !== "object" || value === null) return value;
  const names = Object.keys(value);
  if (names.length > 0 && names.every((name) => name === "en" || name === "zh")) return localized(value as Record<string, string>);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, spoken(inner)]));
}
