import { ActionIcon, NativeSelect, TextInput } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";

import { ofRun } from "@/api/http";
import { useAct } from "@/api/queries";
import type { Done, RoleBrief, Say as Asked } from "@/api/types.gen";
import { localized } from "@/i18n";
import { ErrorNote } from "@/ui/ErrorNote";
import { Icon } from "@/ui/Icon";
import { oneLine } from "@/ui/format";
import { useDraft } from "@/ui/useDraft";

import classes from "./Run.module.css";
import type { View } from "./useMoment";

/** Speak to a role while the run is at work: its next turn reads it. */
export function Say({ view, roles }: { view: View; roles: readonly RoleBrief[] | undefined }) {
  const { t } = useTranslation();
  const [text, setText, forget] = useDraft(`say.${view.run}`, "");
  const [role, setRole] = useState("");
  const say = useAct<Asked, Done>(ofRun(view.run, "/say"));
  if (view.at !== undefined || view.live?.state !== "running") return null;
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (!text.trim()) return;
    const done = await say.mutateAsync({ text: text.trim(), role }).catch(() => undefined);
    if (done) forget();
  };
  return (
    <form onSubmit={(event) => void send(event)} aria-label={t("run.say.title")}>
      <div className={classes.say}>
        <NativeSelect
          className={classes.sayRole}
          aria-label={t("run.say.role")}
          value={role}
          onChange={(event) => setRole(event.currentTarget.value)}
          data={[
            { value: "", label: t("run.say.anyone") },
            ...(roles ?? []).map((one) => ({ value: one.name, label: oneLine(localized(one.title) || one.name, 60) })),
          ]}
        />
        <TextInput
          aria-label={t("run.say.text")}
          placeholder={t("run.say.text")}
          value={text}
          maxLength={10_000}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <ActionIcon type="submit" size={36} aria-label={t("run.say.send")} loading={say.isPending} disabled={!text.trim()}>
          <Icon name="send" />
        </ActionIcon>
      </div>
      <ErrorNote error={say.error} />
      <div role="status" className={say.isSuccess && !text ? classes.saidIt : undefined}>
        {say.isSuccess && !text ? t("run.say.done") : ""}
      </div>
    </form>
  );
}
