import { useTranslation } from "react-i18next";

import type { Moment } from "@/journal/moment";
import type { Writing } from "@/live/store";
import { Avatar } from "@/ui/Avatar";
import { oneLine, plain } from "@/ui/format";

import classes from "./Dialogue.module.css";
import { phaseOf, phaseTitle, roleTitle } from "./titles";

/** Only so much of a reply that is being written is shown: its end. */
const TAIL = 2400;

/** A reply as it is being written, token by token. */
export function WritingCard({ writing, moment }: { writing: Writing; moment: Moment }) {
  const { t } = useTranslation();
  const [phase = "", rest = ""] = writing.key.split("#", 2);
  const role = phaseOf(moment.resolved, phase)?.ask ?? "";
  const item = rest.split("/").slice(1, -1).join("/");
  const who = role ? roleTitle(moment, role) : phaseTitle(moment, phase);
  return (
    <article className={classes.turn} aria-label={t("run.writes", { who })}>
      <Avatar name={role || phase} title={who} />
      <div>
        <header className={classes.head}>
          <span className={classes.who}>{who}</span>
          {item && item !== "-" && <bdi className={classes.item}>{oneLine(item, 80)}</bdi>}
          <span className={classes.meta}>{t("run.writes", { who: phaseTitle(moment, phase) })}</span>
        </header>
        <div className={`${classes.bubble} ${classes.live}`}>
          <div>
            {writing.thinking && !writing.text && <p className={classes.thinking}>{plain(writing.thinking.slice(-TAIL))}</p>}
            <pre className={classes.cursor} style={{ margin: 0, whiteSpace: "pre-wrap", overflowWrap: "anywhere", fontSize: 13 }}>
              {plain(writing.text.slice(-TAIL))}
            </pre>
          </div>
        </div>
      </div>
    </article>
  );
}
