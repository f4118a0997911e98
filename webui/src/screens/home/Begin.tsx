import { SegmentedControl } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { useDraft } from "@/ui/useDraft";
import card from "@/ui/ui.module.css";

import { BeginRun } from "./BeginRun";
import classes from "./Home.module.css";
import { Simulate } from "./Simulate";

/** What is begun here: software from an idea, or people who talk among themselves. */
export function Begin() {
  const { t } = useTranslation();
  const [what, setWhat] = useDraft<"software" | "simulation">("begin.what", "software");
  return (
    <section className={card.card}>
      <SegmentedControl
        className={classes.what}
        size="xs"
        aria-label={t("home.what")}
        value={what}
        onChange={(value) => setWhat(value as typeof what)}
        data={[
          { value: "software", label: t("home.software") },
          { value: "simulation", label: t("home.simulation") },
        ]}
      />
      {what === "software" ? <BeginRun /> : <Simulate />}
    </section>
  );
}
