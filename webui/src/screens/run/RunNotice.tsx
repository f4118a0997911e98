import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { Failed, ofRun } from "@/api/http";
import { useAct } from "@/api/queries";
import type { GoOn, RunDetail } from "@/api/types.gen";
import { inWords } from "@/i18n/sentences";
import { ErrorNote } from "@/ui/ErrorNote";
import { NumberField } from "@/ui/NumberField";
import { Note } from "@/ui/Tone";
import { spoken } from "@/ui/format";

import { stateOf, type View } from "./useMoment";

const LIMITS = ["tokens", "turns", "minutes"] as const;

/** Why the run does not go on, and how it can. */
export function RunNotice({ view, detail }: { view: View; detail: RunDetail | undefined }) {
  const { t } = useTranslation();
  const resume = useAct<GoOn>(ofRun(view.run, "/resume"));
  const state = stateOf(view.live, detail);
  const limit = LIMITS.find((name) => name === detail?.limit);
  const [raised, setRaised] = useState<number | "">("");
  if (view.at !== undefined || !detail) return null;
  if (state === "failed" && limit) {
    const used = detail.limits[limit] ?? 0;
    const higher = raised === "" ? used * 2 : raised;
    return (
      <Note tone="warn" icon="warn" title={t("run.limitHit", { limit: inWords(limit) })}>
        <div style={{ display: "flex", gap: 10, alignItems: "flex-end", flexWrap: "wrap" }}>
          <NumberField size="xs" label={t("run.raise")} value={higher} change={setRaised} />
          <Button size="xs" loading={resume.isPending} onClick={() => resume.mutate({ limits: { [limit]: Number(higher) } })}>
            {t("run.resume")}
          </Button>
        </div>
        <ErrorNote error={resume.error} />
      </Note>
    );
  }
  const changed = resume.error instanceof Failed && resume.error.code === "CompanyChanged";
  if (state === "interrupted" || state === "paused") {
    return (
      <Note tone="warn" icon={state === "paused" ? "pause" : "warn"} title={t(state === "paused" ? "run.paused" : "run.interrupted")}>
        <ErrorNote error={resume.error} />
        {changed && (
          <Button size="xs" onClick={() => resume.mutate({ as_begun: true })}>
            {t("run.resumeAsBegun")}
          </Button>
        )}
      </Note>
    );
  }
  if (view.live?.veiled) {
    return (
      <Note tone="person" icon="person" title={t("run.playing")}>
        <p>{t("run.playingHelp")}</p>
      </Note>
    );
  }
  if (state === "failed" && detail.reason) return <Note tone="bad" icon="cross" title={spoken(detail.reason)} />;
  return null;
}
