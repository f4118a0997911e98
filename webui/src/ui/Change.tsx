import { useState } from "react";
import { useTranslation } from "react-i18next";

import content from "./Content.module.css";
import classes from "./Change.module.css";
import { plain } from "./format";

/** So few lines more than are shown are not worth unfolding. */
const SLACK = 4;

interface Props {
  readonly path: string;
  readonly lines: readonly string[];
  /** So many lines are shown at once. */
  readonly most: number;
}

/** What changed in one file, line by line; signs say it as well as colours. */
export function Change({ path, lines, most }: Props) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const long = lines.length > most + SLACK;
  const count = (sign: string) => lines.filter((line) => line.startsWith(sign)).length;
  const title = plain(path || t("run.change"));
  return (
    <figure className={content.figure}>
      <figcaption className={content.caption}>
        <bdi>{title}</bdi>
        <span>
          +{count("+")} −{count("-")}
        </span>
      </figcaption>
      <pre className={classes.lines} dir="ltr" tabIndex={0} aria-label={title} role="region">
        {(long && !all ? lines.slice(0, most) : lines).map((line, index) => (
          <span key={`${index}`} className={classes.line} data-kind={kind(line)}>
            {plain(line) || " "}
            {"\n"}
          </span>
        ))}
      </pre>
      {long && (
        <button type="button" className={content.more} aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t("common.showLess") : `${t("common.showAll")} (${t("common.lines", { count: lines.length })})`}
        </button>
      )}
    </figure>
  );
}

function kind(line: string): string {
  if (line.startsWith("@@")) return "place";
  if (line.startsWith("+")) return "added";
  if (line.startsWith("-")) return "removed";
  return "same";
}
