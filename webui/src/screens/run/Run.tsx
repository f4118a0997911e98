import { Tabs } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";

import { useRun } from "@/api/queries";
import { ErrorNote } from "@/ui/ErrorNote";
import { Empty } from "@/ui/Tone";

import { Costs } from "./Costs";
import { Dialogue } from "./Dialogue";
import { EvidencePanel } from "./EvidencePanel";
import { Gates } from "./Gates";
import { Head } from "./Head";
import classes from "./Run.module.css";
import { Say } from "./Say";
import { Stage } from "./Stage";
import { TimeLine } from "./TimeLine";
import { useMoment, type View } from "./useMoment";

const RunGraph = lazy(() => import("./RunGraph"));
const FilesPanel = lazy(() => import("./FilesPanel"));

const TABS = ["dialogue", "graph", "files", "evidence", "cost", "stage"] as const;
type Tab = (typeof TABS)[number];

/** One run: live, or at any moment of its past. */
export default function Run({ run }: { run: string }) {
  const { t } = useTranslation();
  const [at, setAt] = useState<number>();
  const [phase, setPhase] = useState("");
  const view = useMoment(run, at);
  const detail = useRun(run);
  if (view.live?.gone || (detail.error && !view.last)) {
    return (
      <div className={classes.missing}>
        <h1 className={classes.title}>{view.live?.gone ? t("run.gone", { run }) : t("errors.title")}</h1>
        {!view.live?.gone && <ErrorNote error={detail.error} />}
        <Link href="/">{t("shell.toHome")}</Link>
      </div>
    );
  }
  const talk = (
    <div className={classes.talk}>
      <Dialogue view={view} phase={phase} clear={() => setPhase("")} />
      <Gates view={view} />
      <Say view={view} roles={detail.data?.roles} />
    </div>
  );
  return (
    <div className={classes.screen}>
      <Head view={view} detail={detail.data} />
      <Areas view={view} talk={talk} choose={setPhase} chosen={phase} />
      <TimeLine view={view} go={setAt} />
    </div>
  );
}

interface AreasProps {
  readonly view: View;
  readonly talk: ReactNode;
  readonly chosen: string;
  readonly choose: (phase: string) => void;
}

/** Dialogue beside what the run shows; on a narrow screen one of them at a time. */
function Areas({ view, talk, chosen, choose }: AreasProps) {
  const { t } = useTranslation();
  const wide = useMediaQuery("(min-width: 1000px)", undefined, { getInitialValueInEffect: false });
  const [tab, setTab] = useState<Tab>();
  const picture: Tab = view.moment.resolved?.company.scene ? "stage" : "graph";
  const shown = tab === undefined || (wide && tab === "dialogue") ? (wide ? picture : "dialogue") : tab;
  return (
    <div className={classes.areas}>
      {wide && talk}
      <Tabs
        className={classes.panel}
        value={shown}
        onChange={(value) => setTab(value as Tab)}
        keepMounted={false}
        aria-label={t("run.panel")}
      >
        <Tabs.List className={classes.tabs}>
          {TABS.filter((name) => !wide || name !== "dialogue").map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`run.tab.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map((name) => (
          <Tabs.Panel key={name} value={name} className={classes.tabPanel}>
            <Suspense fallback={<Empty icon="clock">{t("shell.loading")}</Empty>}>
              {name === "dialogue" && talk}
              {name === "graph" && <RunGraph view={view} chosen={chosen} choose={choose} />}
              {name === "files" && <FilesPanel view={view} />}
              {name === "evidence" && <EvidencePanel view={view} />}
              {name === "cost" && <Costs view={view} />}
              {name === "stage" && <Stage view={view} />}
            </Suspense>
          </Tabs.Panel>
        ))}
      </Tabs>
    </div>
  );
}
