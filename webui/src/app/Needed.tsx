import { Button } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";

import { useRuns } from "@/api/queries";
import type { RunBrief } from "@/api/types.gen";
import { Note } from "@/ui/Tone";
import { oneLine } from "@/ui/format";

import classes from "./Needed.module.css";

/** Says when a person is needed: in the tab's title, on the page, and as a notification where that is allowed. */
export function Needed() {
  const { t } = useTranslation();
  const { data } = useRuns();
  const [place, go] = useLocation();
  const [closed, setClosed] = useState<readonly string[]>([]);
  const waiting = (data?.runs ?? []).flatMap((run) => (run.waiting ?? []).map((gate) => ({ run, gate })));
  useTitle(waiting.length);
  useNotifications(waiting, (run) => go(`/runs/${encodeURIComponent(run.id)}`));
  const shown = waiting.filter(
    ({ run, gate }) => !closed.includes(`${run.id} ${gate.gate}`) && place !== `/runs/${encodeURIComponent(run.id)}`,
  );
  const first = shown[0];
  if (!first) return null;
  const { run, gate } = first;
  const buttons = (
    <span className={classes.buttons}>
      <Button size="compact-sm" onClick={() => go(`/runs/${encodeURIComponent(run.id)}`)}>
        {t("shell.open")}
      </Button>
      <Button size="compact-sm" variant="default" onClick={() => setClosed([...closed, `${run.id} ${gate.gate}`])}>
        {t("shell.dismiss")}
      </Button>
    </span>
  );
  return (
    <div className={classes.bar} role="status">
      <Note tone="person" icon="bell" title={`${t("shell.neededTitle")}: ${oneLine(run.idea, 60) || run.id}`} action={buttons}>
        <p className={classes.question}>{oneLine(gate.question, 160)}</p>
      </Note>
    </div>
  );
}

function useTitle(count: number): void {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = count > 0 ? `(${t("shell.needed", { count })}) agentverse` : "agentverse";
  }, [count, t]);
}

function useNotifications(
  waiting: readonly { run: RunBrief; gate: { gate: string; question: string } }[],
  open: (run: RunBrief) => void,
): void {
  const { t } = useTranslation();
  const told = useRef(new Set<string>());
  useEffect(() => {
    for (const { run, gate } of waiting) {
      const tag = `${run.id} ${gate.gate}`;
      if (told.current.has(tag)) continue;
      told.current.add(tag);
      if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") continue;
      const note = new Notification(t("shell.neededTitle"), { body: oneLine(gate.question, 160), tag });
      note.onclick = () => {
        window.focus();
        open(run);
        note.close();
      };
    }
  }, [waiting, open, t]);
}
