import { useTranslation } from "react-i18next";

import type { Environment } from "@/api/types.gen";
import type { Told } from "@/stage/scene";
import stage from "@/stage/Seats.module.css";
import { gist } from "@/ui/gist";
import card from "@/ui/ui.module.css";

import classes from "./Run.module.css";
import { useActionName } from "./useActionName";

/** So many of the latest are listed. */
const LATEST = 12;

interface Props {
  readonly told: readonly Told[];
  readonly now: Told | undefined;
  readonly environment: Environment;
  readonly title: (seat: string) => string;
}

/** What was said and done in a conversation last. */
export function SaidHere({ told, now, environment, title }: Props) {
  const { t } = useTranslation();
  const named = useActionName();
  return (
    <section className={card.card}>
      <h2 className={classes.cardTitle}>{t("run.stage.turnsHere", { count: told.length })}</h2>
      {told.length === 0 && <p className={card.faint}>{t("run.stage.empty")}</p>}
      <ol className={stage.turns}>
        {told.slice(-LATEST).map((one) => (
          <li key={one.key} aria-current={one === now}>
            <strong>{title(one.seat)}</strong>
            <span>{one.text ? gist(one.text) : `(${named(environment, one.action)})`}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
