import { Button } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";

import { useDraft } from "@/ui/useDraft";
import card from "@/ui/ui.module.css";

import { BeginRun } from "./BeginRun";
import classes from "./Home.module.css";

const Simulate = lazy(() => import("./Simulate"));

/** What is begun here: software from an idea, or people who talk among themselves. */
export function Begin() {
  const { t } = useTranslation();
  const [what, setWhat] = useDraft<"software" | "simulation">("begin.what", "software");
  return (
    <section className={card.card}>
      <div className={classes.what} role="group" aria-label={t("home.what")}>
        {(["software", "simulation"] as const).map((one) => (
          <Button key={one} size="compact-sm" variant={one === what ? "filled" : "default"} aria-pressed={one === what} onClick={() => setWhat(one)}>
            {t(`home.${one}`)}
          </Button>
        ))}
      </div>
      {what === "software" ? (
        <BeginRun />
      ) : (
        <Suspense fallback={t("shell.loading")}>
          <Simulate />
        </Suspense>
      )}
    </section>
  );
}
