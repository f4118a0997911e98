import { ActionIcon, Button, Menu } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";

import { ofRun, remove } from "@/api/http";
import { client, useAct } from "@/api/queries";
import type { Done, GoOn, RunDetail } from "@/api/types.gen";
import { Confirm } from "@/ui/Confirm";
import { ErrorNote } from "@/ui/ErrorNote";
import { Icon } from "@/ui/Icon";

import { ForkModal } from "./ForkModal";
import classes from "./Run.module.css";
import { stateOf, type View } from "./useMoment";

const DOWNLOADS = [
  ["run.product", "product.zip"],
  ["run.report", "report.md"],
  ["run.replay", "replay.html"],
  ["run.journal", "journal.jsonl"],
  ["run.recording", "recording.json"],
] as const;

/** Pause, resume, cancel, fork, and everything that can be taken along. */
export function Controls({ view, detail }: { view: View; detail: RunDetail | undefined }) {
  const { t } = useTranslation();
  const [sure, setSure] = useState<"" | "cancel" | "delete">("");
  const [forking, setForking] = useState(false);
  const pause = useAct<object, Done>(ofRun(view.run, "/pause"));
  const cancel = useAct<object, Done>(ofRun(view.run, "/cancel"));
  const resume = useAct<GoOn>(ofRun(view.run, "/resume"));
  const state = stateOf(view.live, detail);
  const resumable = state === "paused" || state === "interrupted";
  return (
    <div className={classes.buttons}>
      {state === "running" && (
        <>
          <Button size="xs" variant="default" leftSection={<Icon name="pause" size={15} />} title={t("run.pauseHelp")} loading={pause.isPending} onClick={() => pause.mutate({})}>
            {t("run.pause")}
          </Button>
          <Button size="xs" variant="default" leftSection={<Icon name="stop" size={15} />} onClick={() => setSure("cancel")}>
            {t("common.cancel")}
          </Button>
        </>
      )}
      {resumable && (
        <Button size="xs" leftSection={<Icon name="resume" size={15} />} loading={resume.isPending} onClick={() => resume.mutate({})}>
          {t("run.resume")}
        </Button>
      )}
      <More view={view} detail={detail} fork={() => setForking(true)} forget={() => setSure("delete")} running={state === "running"} />
      {[pause, cancel, resume].map((act, index) => (
        <ErrorNote key={`${index}`} error={act.error} />
      ))}
      {sure === "cancel" && (
        <Confirm text={t("run.cancelSure")} action={t("run.cancel")} close={() => setSure("")} act={() => cancel.mutateAsync({})} />
      )}
      {sure === "delete" && <Forget run={view.run} close={() => setSure("")} />}
      {forking && <ForkModal view={view} close={() => setForking(false)} />}
    </div>
  );
}

interface MoreProps {
  readonly view: View;
  readonly detail: RunDetail | undefined;
  readonly running: boolean;
  readonly fork: () => void;
  readonly forget: () => void;
}

function More({ view, detail, running, fork, forget }: MoreProps) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const parent = detail?.parent;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" size={30} aria-label={t("run.more")}>
          <Icon name="more" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="fork" size={15} />} onClick={fork}>
          {t("run.fork")}
        </Menu.Item>
        {parent && (
          <>
            <Menu.Item leftSection={<Icon name="compare" size={15} />} onClick={() => go(`/compare/${encodeURIComponent(parent)}/${encodeURIComponent(view.run)}`)}>
              {t("run.compareWith", { run: parent })}
            </Menu.Item>
            <Menu.Item leftSection={<Icon name="link" size={15} />} onClick={() => go(`/runs/${encodeURIComponent(parent)}`)}>
              {t("run.openFork", { run: parent })}
            </Menu.Item>
          </>
        )}
        <Menu.Divider />
        <Menu.Label>{t("run.download")}</Menu.Label>
        {DOWNLOADS.map(([word, file]) => (
          <Menu.Item key={file} component="a" href={ofRun(view.run, `/download/${file}`)} download leftSection={<Icon name="download" size={15} />}>
            {t(word)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item disabled={running} leftSection={<Icon name="trash" size={15} />} onClick={forget}>
          {t("home.remove")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Forget({ run, close }: { run: string; close: () => void }) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const forget = async () => {
    await remove(ofRun(run));
    await client.invalidateQueries({ queryKey: ["runs"] });
    go("/");
  };
  return <Confirm text={t("home.removeSure")} action={t("home.remove")} close={close} act={forget} />;
}
