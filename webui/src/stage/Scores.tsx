import { useTranslation } from "react-i18next";

import { oneLine } from "@/ui/format";
import card from "@/ui/ui.module.css";

import type { ScoreAt } from "./scene";
import type { Seat } from "./seating";
import classes from "./Seats.module.css";

interface Props {
  /** The field of the world that counts. */
  readonly field: string;
  readonly scores: readonly ScoreAt[];
  readonly seats: readonly Seat[];
}

/** A number that each seat has, over time; a line for each seat. */
export function Scores({ field, scores, seats }: Props) {
  const { t } = useTranslation();
  const words = t("run.stage.scores", { what: oneLine(field.replaceAll("_", " "), 40) });
  const names = [...new Set(scores.flatMap((one) => Object.keys(one.scores)))];
  const of = (name: string) => seats.find(({ seat }) => seat === name);
  if (names.length === 0) return null;
  const values = scores.flatMap((one) => Object.values(one.scores));
  const [low, high] = [Math.min(0, ...values), Math.max(1, ...values)];
  const x = (index: number) => (300 * index) / Math.max(1, scores.length - 1);
  const y = (value: number) => 96 - (92 * (value - low)) / (high - low);
  return (
    <section className={card.card}>
      <h2 style={{ margin: "0 0 8px", fontSize: 15 }}>{words}</h2>
      <svg className={classes.chart} viewBox="0 0 300 100" preserveAspectRatio="none" role="img" aria-label={words}>
        {names.map((name) => (
          <polyline
            key={name}
            fill="none"
            stroke={of(name)?.colour}
            strokeWidth={2}
            vectorEffect="non-scaling-stroke"
            points={scores.flatMap((one, index) => (name in one.scores ? [`${x(index)},${y(one.scores[name] ?? 0)}`] : [])).join(" ")}
          />
        ))}
      </svg>
      <div className={classes.legend}>
        {names.map((name) => (
          <span key={name}>
            <i className={classes.swatch} style={{ background: of(name)?.colour }} />
            {oneLine(of(name)?.title ?? name, 30)}: {scores.at(-1)?.scores[name] ?? "–"}
          </span>
        ))}
      </div>
    </section>
  );
}
