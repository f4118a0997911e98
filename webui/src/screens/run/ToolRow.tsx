import { useTranslation } from "react-i18next";

import type { ToolItem } from "@/journal/feed";
import { Code } from "@/ui/Content";
import { oneLine } from "@/ui/format";

import classes from "./Dialogue.module.css";

/** A tool that an agent called, folded: what it was given, and what it answered. */
export function ToolRow({ item: { call } }: { item: ToolItem }) {
  const { t } = useTranslation();
  const given = Object.entries(call.arguments ?? {}).map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
  const said = { who: oneLine(call.title || call.role, 60), tool: oneLine(call.tool, 60), given: oneLine(given.join(", "), 100) };
  return (
    <details className={classes.tool} data-tone={call.ok ? "plain" : "warn"}>
      <summary>{t(call.ok ? "run.line.uses" : "run.line.inVain", said)}</summary>
      {given.length > 0 && <Code text={given.join("\n")} title={t("run.toolGiven")} />}
      <Code text={call.result} title={t("run.toolResult")} />
    </details>
  );
}
