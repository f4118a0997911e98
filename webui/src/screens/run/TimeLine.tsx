import { ActionIcon, Button, NativeSelect } from "@mantine/core";
import { memo, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { landmarks, next, previous, type Landmark } from "@/journal/landmarks";
import { reading } from "@/live/store";
import { Icon, type IconName } from "@/ui/Icon";
import { clock } from "@/ui/format";

import { ForkModal } from "./ForkModal";
import classes from "./Run.module.css";
import type { View } from "./useMoment";
import { usePlayer } from "./usePlayer";

const SPEEDS = [1, 2, 4, 8, 16, 32, 64];

/** The run's time: drag through it, play it, jump to what matters. The whole page shows that moment. */
export function TimeLine({ view, go }: { view: View; go: (seq: number | undefined) => void }) {
  const { t } = useTranslation();
  const [speed, setSpeed] = useState(4);
  const [forking, setForking] = useState(false);
  const { entries } = reading(view.run).history;
  const marks = useMemo(() => landmarks(entries), [entries, view.last]);
  const seq = view.at ?? view.last;
  const player = usePlayer({ entries, seq, speed, go, last: view.last });
  const jump = (mark: Landmark | undefined) => mark && go(mark.seq);
  if (view.last === 0) return null;
  const running = view.live?.state === "running";
  return (
    <section className={classes.time} aria-label={t("run.time_line.title")}>
      <div className={classes.icons}>
        <Tool icon="first" word="phaseBefore" act={() => jump(previous(marks, seq, "phase"))} />
        <ActionIcon
          variant="light"
          size={32}
          aria-label={t(player.playing ? "run.time_line.pause" : "run.time_line.play")}
          onClick={player.toggle}
        >
          <Icon name={player.playing ? "pause" : "play"} size={16} />
        </ActionIcon>
        <Tool icon="last" word="phaseAfter" act={() => jump(next(marks, seq, "phase"))} />
        <Tool icon="warn" word="failure" act={() => jump(next(marks, seq, "failure") ?? next(marks, 0, "failure"))} off={!marks.some((one) => one.kind === "failure")} />
        <Tool icon="person" word="person" act={() => jump(next(marks, seq, "person") ?? next(marks, 0, "person"))} off={!marks.some((one) => one.kind === "person")} />
      </div>
      <div className={classes.track}>
        <Marks marks={marks} last={view.last} />
        <input
          type="range"
          min={1}
          max={view.last}
          value={seq}
          aria-label={t("run.time_line.title")}
          aria-valuetext={`${t("run.time_line.position", { seq, last: view.last })}, ${clock(view.moment.at)}`}
          onChange={(event) => go(Number(event.currentTarget.value))}
        />
      </div>
      <span className={classes.position}>
        {seq} / {view.last}
        <span className={classes.optional}> · {clock(view.moment.at)}</span>
      </span>
      <NativeSelect
        size="xs"
        w={72}
        aria-label={t("run.time_line.speed")}
        value={String(speed)}
        onChange={(event) => setSpeed(Number(event.currentTarget.value))}
        data={SPEEDS.map((one) => ({ value: String(one), label: `${one}×` }))}
      />
      {view.at !== undefined && (
        <>
          <span className={`${classes.past} ${classes.optional}`} role="status">
            {t("run.time_line.replaying")}
          </span>
          <Button size="compact-sm" variant="default" leftSection={<Icon name="fork" size={14} />} onClick={() => setForking(true)}>
            {t("run.time_line.forkHere")}
          </Button>
          <Button size="compact-sm" onClick={() => go(undefined)}>
            {t(running ? "run.time_line.live" : "run.time_line.end")}
          </Button>
        </>
      )}
      {forking && <ForkModal view={view} close={() => setForking(false)} />}
    </section>
  );
}

function Tool({ icon, word, act, off = false }: { icon: IconName; word: "phaseBefore" | "phaseAfter" | "failure" | "person"; act: () => void; off?: boolean }) {
  const { t } = useTranslation();
  const label = t(`run.time_line.${word}`);
  return (
    <ActionIcon variant="subtle" color="gray" size={32} aria-label={label} title={label} disabled={off} onClick={act}>
      <Icon name={icon} size={16} />
    </ActionIcon>
  );
}

const COLOURS = { phase: "var(--av-edge)", failure: "var(--av-bad)", person: "var(--av-person)" };

const Marks = memo(function Marks({ marks, last }: { marks: readonly Landmark[]; last: number }) {
  return (
    <svg className={classes.marks} viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">
      {marks.slice(0, 400).map((mark) => (
        <rect key={`${mark.seq}${mark.kind}`} x={(1000 * (mark.seq - 1)) / Math.max(1, last - 1)} y={mark.kind === "phase" ? 3 : 0} width={3} height={8} fill={COLOURS[mark.kind]} />
      ))}
    </svg>
  );
});
