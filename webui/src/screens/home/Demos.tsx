import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";

import { useAct, useDemos } from "@/api/queries";
import type { Begin } from "@/api/types.gen";
import { language } from "@/i18n";
import { ErrorNote } from "@/ui/ErrorNote";
import { Icon } from "@/ui/Icon";
import { oneLine } from "@/ui/format";
import card from "@/ui/ui.module.css";

import classes from "./Home.module.css";

/** Recorded runs: the real company at work without a model. */
export function Demos({ prominent }: { prominent: boolean }) {
  const { t } = useTranslation();
  const { data } = useDemos();
  const [, go] = useLocation();
  const begin = useAct<Begin>("/api/runs");
  const play = async (demo: string) => {
    const run = await begin.mutateAsync({ demo, language: language() }).catch(() => undefined);
    if (run) go(`/runs/${encodeURIComponent(run.id)}`);
  };
  if (!data?.demos.length) return null;
  return (
    <section className={card.card}>
      <details open={prominent || undefined}>
        <summary className={classes.third}>{t("home.demoTitle")}</summary>
        <p className={card.faint}>{t("home.demoHelp")}</p>
        {data.demos.map((demo) => (
          <div key={demo.name} className={classes.demo}>
            <span>{oneLine(demo.title || demo.idea, 90)}</span>
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<Icon name="play" size={12} />}
              aria-label={`${t("home.demoPlay")}: ${demo.name}`}
              loading={begin.isPending && begin.variables.demo === demo.name}
              onClick={() => void play(demo.name)}
            >
              {t("home.demoPlay")}
            </Button>
          </div>
        ))}
        <ErrorNote error={begin.error} />
      </details>
    </section>
  );
}
