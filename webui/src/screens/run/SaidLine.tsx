import { useTranslation } from "react-i18next";

import type { LineSaid } from "@/api/types.gen";
import type { LineItem } from "@/journal/feed";
import type { Moment } from "@/journal/moment";
import { Avatar } from "@/ui/Avatar";
import { Content } from "@/ui/Content";
import { clock } from "@/ui/format";

import classes from "./Dialogue.module.css";
import { phaseTitle, seatColour, seatName, seatNames } from "./titles";

interface Props {
  readonly item: LineItem;
  readonly line: LineSaid;
  readonly moment: Moment;
}

/** What a seat said whose reply is not there to be seen: a person's, or anybody's while one plays. */
export function SaidLine({ item, line, moment }: Props) {
  const { t } = useTranslation();
  const title = seatName(moment, item.phase, line.seat);
  const hearers = line.heard_by?.filter((seat) => seat !== line.seat);
  return (
    <article className={classes.turn} aria-label={title}>
      <Avatar name={line.seat} title={title} colour={seatColour(moment, item.phase, line.seat)} />
      <div>
        <header className={classes.head}>
          <span className={classes.who}>
            <bdi>{title}</bdi>
          </span>
          <span className={classes.meta}>
            {phaseTitle(moment, item.phase)} · {clock(item.at)}
          </span>
        </header>
        <div className={classes.bubble}>
          <Content text={line.text ?? ""} />
          {hearers && (
            <p className={classes.hearers}>
              {hearers.length > 0 ? t("run.heardBy", { hearers: seatNames(moment, item.phase, hearers) }) : t("run.heardByNobody")}
            </p>
          )}
        </div>
      </div>
    </article>
  );
}
