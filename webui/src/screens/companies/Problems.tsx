import { useTranslation } from "react-i18next";

import type { LocatedProblem } from "@/api/types.gen";
import { Badge } from "@/ui/Tone";
import { spoken } from "@/ui/format";

import classes from "./Companies.module.css";

interface Props {
  readonly problems: readonly LocatedProblem[];
  readonly checking: boolean;
  readonly goTo: (line: number) => void;
}

/** What the server finds wrong, each with the way there. */
export function Problems({ problems, checking, goTo }: Props) {
  const { t } = useTranslation();
  const errors = problems.filter((problem) => problem.severity !== "warning").length;
  return (
    <section aria-label={t("company.problems")}>
      <ul className={classes.problems} aria-live="polite">
        <li>
          {checking ? (
            <Badge icon="clock">{t("company.checking")}</Badge>
          ) : errors > 0 ? (
            <Badge tone="bad" icon="cross">
              {t("company.errors", { count: errors })}
            </Badge>
          ) : (
            <Badge tone="good" icon="check">
              {t("company.valid")}
            </Badge>
          )}
        </li>
        {problems.slice(0, 50).map((problem) => (
          <li key={`${problem.line}:${problem.column}:${problem.what}`}>
            <button type="button" className={classes.problem} data-severity={problem.severity} onClick={() => goTo(problem.line)}>
              <small>{t("company.goTo", { line: problem.line })}</small>
              <span>{`${spoken(problem.what)} ${spoken(problem.fix ?? "")}`}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
