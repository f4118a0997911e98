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
  const { reply, phase } = item;
  const line = item.line && item.line.seq <= seq ? item.line.value : undefined;
  const action = line?.action || (reply.seat ? chosen(reply.text) : "");
  const heard = action ? (line?.text ?? "") : reply.text;
  const hearers = heard ? line?.heard_by?.filter((seat) => seat !== line.seat) : undefined;
  return (
    <>
      {action && <Badge tone="info">{named(environmentOf(moment, phase), action)}</Badge>}
      {heard && <Content text={heard} />}
      {hearers && (
        <p className={classes.hearers}>
          {hearers.length > 0 ? t("run.heardBy", { hearers: seatNames(moment, phase, hearers) }) : t("run.heardByNobody")}
        </p>
      )}
      {action && (
        <details>
          <summary className={classes.meta}>{t("run.asWritten")}</summary>
          <Content text={reply.text} />
        </details>
      )}
    </>
  );
}

/** The action that a reply chooses; "" when it is something else. */
function chosen(text: string): string {
  try {
    const { action } = (JSON.parse(text) ?? {}) as { action?: unknown };
    return typeof action === "string" ? action : "";
  } catch {
    return "";
  }
}
