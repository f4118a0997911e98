import { NativeSelect } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Environment } from "@/api/types.gen";
import { localized } from "@/i18n";
import { upTo } from "@/journal/history";
import { reading } from "@/live/store";
import { sceneOf } from "@/stage/scene";
import { Scores } from "@/stage/Scores";
import { Seats } from "@/stage/Seats";
import { groupsOf, rulesOf, seated, seatsOf } from "@/stage/seating";
import { shared } from "@/stage/world";
import { DataView } from "@/ui/DataView";
import { Empty } from "@/ui/Tone";
import { oneLine } from "@/ui/format";
import card from "@/ui/ui.module.css";

import classes from "./Run.module.css";
import { SaidHere } from "./SaidHere";
import { environmentOf, phaseOf, phaseTitle } from "./titles";
import type { View } from "./useMoment";

/** A conversation as a picture, at this moment. */
export function Stage({ view }: { view: View }) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState("");
  const { moment } = view;
  const meets = [...moment.phases.keys()].filter((name) => phaseOf(moment.resolved, name)?.meet);
  const phase = meets.includes(chosen) ? chosen : (meets.at(-1) ?? "");
  const environment = environmentOf(moment, phase);
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
      <Conversation view={view} phase={phase} environment={environment} />
    </div>
  );
}

interface Props {
  readonly view: View;
  readonly phase: string;
  readonly environment: Environment;
}

function Conversation({ view, phase, environment }: Props) {
  const { t, i18n } = useTranslation();
  const { moment } = view;
  const seq = view.at ?? view.last;
  const { entries } = reading(view.run).history;
  const { visit } = moment.phase(phase);
  const scene = useMemo(() => sceneOf(entries.slice(0, upTo(entries, seq, (entry) => entry.seq)), phase, visit), [entries, seq, phase, visit]);
  const seats = useMemo(() => {
    const here = seated(scene, (value) => localized(environment.words?.[value]) || value);
    return here.length > 0 ? here : seatsOf(environment, moment.resolved);
  }, [scene, environment, moment.resolved, i18n.language]);
  const now = scene.ended ? undefined : scene.told.at(-1);
  const title = (seat: string) => oneLine(seats.find((one) => one.seat === seat)?.title ?? seat, 40);
  const groups = groupsOf(scene);
  const world = shared(scene.world, scene.seats);
  return (
    <>
      {scene.stage && <h2 className={classes.stageTitle}>{oneLine(scene.stage, 80)}</h2>}
      <Seats seats={seats} speaker={now?.seat ?? ""} hearers={now?.hearers ?? []} />
      {groups.length > 0 && (
        <ul className={classes.groups} aria-label={t("run.stage.groups")}>
          {groups.map((group) => (
            <li key={group.join()}>{t("run.stage.group", { who: group.map(title).join(", ") })}</li>
          ))}
        </ul>
      )}
      {scene.moved().map(([field, course]) => (
        <Scores key={field} field={field} scores={course} seats={seats} />
      ))}
      <SaidHere told={scene.told} now={now} environment={environment} title={title} />
      {Object.keys(world).length > 0 && <Facts title={t("run.stage.world")} value={world} />}
      <Facts title={t("run.stage.rules")} value={Object.fromEntries(rulesOf(environment).map(([kind, rule]) => [t(`run.rule.${kind}`), rule]))} />
    </>
  );
}

function Facts({ title, value }: { title: string; value: object }) {
  return (
    <section className={card.card}>
      <h2 className={classes.cardTitle}>{title}</h2>
      <DataView value={value} />
    </section>
  );
}
