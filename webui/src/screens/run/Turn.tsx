import { memo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { TurnItem } from "@/journal/feed";
import type { Moment } from "@/journal/moment";
import { Avatar } from "@/ui/Avatar";
import { Icon } from "@/ui/Icon";
import { clock, duration, oneLine, percent, plain, thousands } from "@/ui/format";

import classes from "./Dialogue.module.css";
import { PromptModal } from "./PromptModal";
import { Said } from "./Said";
import { phaseTitle, seatColour, seatName } from "./titles";

interface Props {
  readonly item: TurnItem;
  /** The event that is looked at: what happened to the turn later is not shown. */
  readonly seq: number;
  readonly run: string;
  readonly moment: Moment;
}

/** One reply: who, in which phase, what was said, what it took, and what had to be repaired. */
export const Turn = memo(Plain, (a, b) => a.item === b.item && a.run === b.run && !later(a.item, a.seq) && !later(b.item, b.seq));

function later(item: TurnItem, seq: number): boolean {
  return [...item.repairs, ...item.mended, ...(item.line ? [item.line] : [])].some((one) => one.seq > seq);
}

function Plain({ item, seq, run, moment }: Props) {
  const { reply } = item;
  const title = reply.seat ? seatName(moment, item.phase, reply.seat) : oneLine(reply.title || reply.role, 60);
  return (
    <article className={classes.turn} aria-label={title}>
      <Avatar name={reply.role} title={title} colour={seatColour(moment, item.phase, reply.seat)} />
      <div>
        <header className={classes.head}>
          <span className={classes.who}>
            <bdi>{title}</bdi>
          </span>
          {reply.item && <bdi className={classes.item}>{oneLine(reply.item, 80)}</bdi>}
          <span className={classes.meta}>
            {phaseTitle(moment, item.phase)} · {clock(item.at)}
          </span>
        </header>
        <div className={classes.bubble}>
          <Thinking text={reply.thinking ?? ""} />
          <Said item={item} seq={seq} moment={moment} />
        </div>
        <Foot item={item} seq={seq} run={run} />
      </div>
    </article>
  );
}

function Thinking({ text }: { text: string }) {
  const { t } = useTranslation();
  if (!text) return null;
  return (
    <details>
      <summary className={classes.meta}>{t("run.thinking")}</summary>
      <p className={classes.thinking}>{plain(text)}</p>
    </details>
  );
}

function Foot({ item, seq, run }: Omit<Props, "moment">) {
  const { t } = useTranslation();
  const [prompt, setPrompt] = useState(false);
  const [unfolded, setUnfolded] = useState(false);
  const { reply } = item;
  const repairs = item.repairs.filter((one) => one.seq <= seq);
  const mended = item.mended.filter((one) => one.seq <= seq).flatMap((one) => one.value);
  const sent = reply.usage?.prompt ?? 0;
  const total = sent + (reply.usage?.completion ?? 0);
  return (
    <>
      <div className={classes.foot}>
        <span>
          {thousands(total)} {t("run.tokens").toLowerCase()}
          {sent > 0 && ` · ${t("run.cached", { percent: percent(reply.usage?.cached ?? 0, sent) })}`}
        </span>
        <span>{duration(reply.seconds ?? 0)}</span>
        {reply.model && <bdi>{oneLine(reply.model, 40)}</bdi>}
        {(reply.attempt ?? 1) > 1 && <span>{t("run.attempt", { count: reply.attempt })}</span>}
        {(reply.samples?.length ?? 0) > 0 && <span>{t("run.samples", { count: reply.samples?.length })}</span>}
        <button type="button" className={classes.action} onClick={() => setPrompt(true)}>
          <Icon name="eye" size={14} /> {t("run.shownPrompt")}
        </button>
        {repairs.length > 0 && (
          <button type="button" className={classes.action} aria-expanded={unfolded} onClick={() => setUnfolded(!unfolded)}>
            <Icon name="gear" size={14} />
            {t("run.repairs", { count: repairs.length })}
          </button>
        )}
        {mended.length > 0 && <span>{t("run.mended", { what: oneLine(mended.join("; "), 120) })}</span>}
      </div>
      {unfolded && (
        <ol className={classes.repairs}>
          {repairs.map((one) => (
            <li key={one.seq}>
              <strong>{t(`run.rung.${one.value.rung}`)}</strong> ({oneLine(one.value.problem, 40)}): {plain(one.value.detail)}
            </li>
          ))}
        </ol>
      )}
      {prompt && <PromptModal run={run} reply={item.key} close={() => setPrompt(false)} />}
    </>
  );
}
