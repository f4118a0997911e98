import { Button, TextInput } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";

import { Failed, post } from "@/api/http";
import { client } from "@/api/queries";
import { useLive } from "@/live/store";
import { open } from "@/live/stream";
import { ErrorNote } from "@/ui/ErrorNote";
import { Note } from "@/ui/Tone";

import classes from "./Shell.module.css";

/** What is the matter with the server, above every screen. */
export function Banners() {
  const { t } = useTranslation();
  const connection = useLive((live) => live.connection);
  const outdated = useLive((live) => live.outdated);
  if (connection === "closed") return <Closed />;
  if (connection === "lost") {
    return (
      <div className={classes.banner}>
        <Note tone="warn" icon="warn" title={t("shell.lost")} role="status">
          <p>{t("shell.lostHelp")}</p>
        </Note>
      </div>
    );
  }
  if (!outdated) return null;
  const action = (
    <Button size="compact-sm" onClick={() => location.reload()}>
      {t("shell.reload")}
    </Button>
  );
  return (
    <div className={classes.banner}>
      <Note icon="resume" title={t("shell.outdated")} action={action} role="status" />
    </div>
  );
}

/** Let the person in again without losing what is on the page. */
function Closed() {
  const { t } = useTranslation();
  const [secret, setSecret] = useState("");
  const [error, setError] = useState<unknown>();
  const enter = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await post("/api/session", { password: secret }).catch((first: unknown) => {
        if (first instanceof Failed && first.code === "too_often") throw first;
        return post("/api/session", { token: secret });
      });
      setSecret("");
      open();
      await client.invalidateQueries();
    } catch (failed) {
      setError(failed);
    }
  };
  return (
    <form className={classes.banner} onSubmit={(event) => void enter(event)}>
      <Note tone="warn" icon="person" title={t("shell.closed")}>
        <p>{t("shell.closedHelp")}</p>
        <TextInput
          type="password"
          autoComplete="current-password"
          label={t("shell.password")}
          value={secret}
          onChange={(event) => setSecret(event.currentTarget.value)}
          my={8}
        />
        <Button type="submit" size="sm" disabled={!secret}>
          {t("shell.enter")}
        </Button>
        <ErrorNote error={error} />
      </Note>
    </form>
  );
}
