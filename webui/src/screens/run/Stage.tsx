import { NativeSelect } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Environment } from "@/api/types.gen";
import { upTo } from "@/journal/history";
import { reading } from "@/live/store";
import { Scores } from "@/stage/Scores";
import { Seats } from "@/stage/Seats";
import stage from "@/stage/Seats.module.css";
import { hearers, rulesOf, seatsOf, spokenIn, world } from "@/stage/seating";
import { DataView } from "@/ui/DataView";
import { gist } from "@/ui/gist";
import { Empty } from "@/ui/Tone";
import { oneLine } from "@/ui/format";
import card from "@/ui/ui.module.css";

import classes from "./Run.module.css";
import { phaseOf, phaseTitle } from "./titles";
import type { View } from "./useMoment";

/** A conversation as a picture, at this moment. */
export function Stage({ view }: { view: View }) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState("");
  const { moment } = view;
  const meets = [...moment.phases.keys()].filter((name) => phaseOf(moment.resolved, name)?.meet);
  const phase = meets.includes(chosen) ? chosen : (meets.at(-1) ?? "");
  const definition = phaseOf(moment.resolved, phase);
  const environment = moment.resolved?.environments?.[definition?.meet ?? ""];
  if (!phase || !environment) return <Empty icon="chat">{t("run.stage.none")}</Empty>;
  return (
    <div className={classes.padded} tabIndex={0} role="region" aria-label={t("run.tab.stage")}>
      {meets.length > 1 && (
        <NativeSelect
          size="xs"
          label={t("run.stage.phase")}
          value={phase}
          onChange={(event) => setChosen(event.currentTarget.value)}
          data={meets.map((name) => ({ value: name, label: phaseTitle(moment, name) }))}
        />
      )}
      <Conversation view={view} phase={phase} environment={environment} sitting={definition?.seats ?? {}} />
    </div>
  );
}

interface Props {
  readonly view: View;
  readonly phase: string;
  readonly environment: Environment;
  readonly sitting: Readonly<Record<string, string>>;
}

function Conversation({ view, phase, environment, sitting }: Props) {
  const { t } = useTranslation();
  const { moment } = view;
  const seq = view.at ?? view.last;
  const { entries } = reading(view.run).history;
  const until = useMemo(() => entries.slice(0, upTo(entries, seq, (entry) => entry.seq)), [entries, seq]);
  const said = useMemo(() => spokenIn(until, phase, moment.phase(phase).visit), [until, phase, moment]);
  const { seats, scores } = useMemo(
    () => world(until, phase, seatsOf(environment, sitting, moment.resolved)),
    [until, phase, environment, sitting, moment.resolved],
  );
  const now = said.at(-1);
  const heard = now ? hearers(entries, now, phase, environment, seats) : [];
  const title = (seat: string) => seats.find((one) => one.seat === seat)?.title ?? seat;
  return (
    <>
      <Seats seats={seats} speaker={now?.seat ?? ""} hearers={heard} />
      <Scores scores={scores} />
      <section className={card.card}>
        <h2 style={{ margin: "0 0 8px", fontSize: 15 }}>{t("run.stage.turnsHere", { count: said.length })}</h2>
        {said.length === 0 && <p className={card.faint}>{t("run.stage.empty")}</p>}
        <ol className={stage.turns}>
          {said.slice(-12).map((one) => (
            <li key={one.key} aria-current={one === now}>
              <strong>{oneLine(title(one.seat), 40)}</strong>
              <span>{gist(one.text)}</span>
            </li>
          ))}
        </ol>
      </section>
      <section className={card.card}>
        <h2 style={{ margin: "0 0 8px", fontSize: 15 }}>{t("run.stage.rules")}</h2>
        <DataView value={rulesOf(environment)} />
      </section>
    </>
  );
}
