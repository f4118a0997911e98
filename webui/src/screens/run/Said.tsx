import { useTranslation } from "react-i18next";

import type { TurnItem } from "@/journal/feed";
import type { Moment } from "@/journal/moment";
import { Content } from "@/ui/Content";
import { Badge } from "@/ui/Tone";

import classes from "./Dialogue.module.css";
import { environmentOf, seatNames } from "./titles";
import { useActionName } from "./useActionName";

interface Props {
  readonly item: TurnItem;
  readonly seq: number;
  readonly moment: Moment;
}

/** What a reply says: its text, or the action it chose and what was heard of it. */
export function Said({ item, seq, moment }: Props) {
  const { t } = useTranslation();
  const named = useActionName();
  const line = item.line && item.line.seq <= seq ? item.line.value : undefined;
  if (!line) return <Content text={item.reply.text} />;
  const hearers = line.heard_by?.filter((seat) => seat !== line.seat);
  return (
    <>
      {line.action && <Badge tone="info">{named(environmentOf(moment, item.phase), line.action)}</Badge>}
      {line.action ? line.text && <Content text={line.text} /> : <Content text={item.reply.text} />}
      {hearers && <p className={classes.hearers}>{t("run.heardBy", { hearers: seatNames(moment, item.phase, hearers) })}</p>}
      {line.action && (
        <details>
          <summary className={classes.meta}>{t("run.asWritten")}</summary>
          <Content text={item.reply.text} />
        </details>
      )}
    </>
  );
}
