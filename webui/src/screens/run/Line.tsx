import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";

import type { Escalated } from "@/api/types.gen";
import type { LineItem } from "@/journal/feed";
import type { Moment } from "@/journal/moment";
import { inWords } from "@/i18n/sentences";
import { Icon, type IconName } from "@/ui/Icon";
import { oneLine, percent, plain, spoken } from "@/ui/format";

import classes from "./Dialogue.module.css";
import { phaseTitle, roleTitle, seatName } from "./titles";

const ICONS: Record<LineItem["tone"], IconName> = {
  plain: "skip",
  good: "check",
  warn: "warn",
  bad: "cross",
  person: "person",
};

const BY = ["person", "default", "timeout"] as const;

/** Something that happened and is neither a reply nor evidence, in one sentence. */
export function Line({ item, moment }: { item: LineItem; moment: Moment }) {
  const { t } = useTranslation();
  return (
    <div className={classes.line} data-tone={item.tone}>
      <Icon name={ICONS[item.tone]} size={14} />
      <bdi>{plain(sentence(t, item, moment))}</bdi>
    </div>
  );
}

function sentence(t: TFunction, { entry }: LineItem, moment: Moment): string {
  const { event } = entry;
  switch (event.type) {
    case "run.resumed":
      return t("run.line.resumed");
    case "run.ended": {
      if (event.outcome === "succeeded") return t(moment.resolved?.company.scene ? "run.line.over" : "run.line.succeeded");
      const reason = spoken(event.reason || t("run.line.noReason"));
      return t(event.outcome === "failed" ? "run.line.endedFailed" : "run.line.stopped", { reason });
    }
    case "phase.skipped":
      return t("run.line.skipped", { phase: phaseTitle(moment, event.phase), reason: oneLine(inWords(event.reason)) });
    case "phase.failed":
      return t("run.line.failed", { phase: phaseTitle(moment, event.phase), reason: spoken(event.reason) });
    case "paths.refused":
      return t("run.line.refused", {
        paths: Object.entries(event.paths).map(([path, why]) => `${oneLine(path, 80)}: ${oneLine(inWords(why), 120)}`).join("; "),
      });
    case "gate.opened":
      return event.seat
        ? t("run.line.asksSeat", { who: seatName(moment, event.phase, event.seat), question: plain(event.question) })
        : t("run.line.asks", { question: plain(event.question) });
    case "gate.answered":
      return t("run.line.answered", { by: byWhom(t, event.by ?? "person"), text: plain(event.choice || event.text || "") });
    case "said":
      return t("run.line.said", {
        role: event.role ? roleTitle(moment, event.role) : t("run.line.anyone"),
        text: plain(event.text),
      });
    case "rolled_back":
      return t("run.line.rolledBack", { commit: event.commit.slice(0, 7), reason: oneLine(inWords(event.reason)) });
    case "stuck":
      return t("run.line.stuck", { what: t(`run.stuckIn.${event.what}`), measure: oneLine(inWords(event.measure)) });
    case "limit":
      return t("run.line.limit", { used: event.used, allowed: event.allowed, kind: inWords(event.kind) });
    case "model":
      return t("run.line.model", { tier: event.tier, name: oneLine(event.name, 80), url: oneLine(event.url ?? "", 80) });
    case "files": {
      const author = oneLine(event.author, 40);
      const deleted = (event.deleted ?? []).map((path) => oneLine(path, 80)).join(", ");
      const conflicts = (event.conflicts ?? []).map((path) => oneLine(path, 80)).join(", ");
      return [
        deleted && t("run.line.deleted", { author, paths: deleted }),
        conflicts && t("run.line.conflicts", { paths: conflicts }),
      ].filter(Boolean).join(" ");
    }
    case "decision":
      return t("run.line.packages", { names: packages(event.value) });
    case "scene":
      return t("run.line.stage", { title: oneLine(event.title || (event.stage ?? ""), 80) });
    case "line":
      return plain(event.text ?? "");
    case "seat.failed":
      return event.memory
        ? t("run.line.withoutMemory", { part: oneLine(event.memory, 40), reason: oneLine(inWords(event.reason)) })
        : t("run.line.seatFailed", { who: seatName(moment, event.phase, event.seat), reason: oneLine(inWords(event.reason)) });
    case "remembered":
      return t("run.line.remembers", { who: seatName(moment, event.phase, event.seat), what: oneLine(listed(event.value)) });
    case "escalated":
      return t("run.line.escalated", { tier: event.tier, to: event.to, why: t(`run.rise.${event.why}`, shares(event)) });
    case "tier.spent":
      return t("run.line.tierSpent", { tier: event.tier, used: event.used, allowed: event.allowed, what: t(`run.spent.${event.kind}`) });
    case "note":
      return spoken(event.text);
    default:
      return t("run.line.unknown", { type: oneLine((event as { type: string }).type, 40) });
  }
}

function byWhom(t: TFunction, by: string): string {
  const one = BY.find((name) => name === by);
  return one ? t(`run.by.${one}`) : oneLine(by, 40);
}

function packages(value: unknown): string {
  const versions = (value as { versions?: unknown } | null)?.versions;
  return Array.isArray(versions) ? oneLine(versions.map((pin) => String(pin).replace("==", " ")).join(", ")) : "";
}

/** What a rise to a higher tier was measured by; shares of samples in percent. */
function shares({ why, measured, allowed }: Escalated): { measured: string; allowed: string } {
  const shown = (value: number) => (why === "agreement" ? `${percent(value, 1)} %` : String(Number(value.toFixed(2))));
  return { measured: shown(measured), allowed: shown(allowed ?? 0) };
}

function listed(value: unknown): string {
  return Array.isArray(value) ? value.map((one) => (/^\d+$/.test(String(one)) ? `#${one}` : String(one))).join(", ") : "";
}
