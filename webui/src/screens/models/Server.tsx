import { Button, NativeSelect, Switch } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { get, post } from "@/api/http";
import type { Catalogue, Serve, Served } from "@/api/types.gen";
import { ErrorNote } from "@/ui/ErrorNote";
import { Icon } from "@/ui/Icon";
import { Badge, type ToneName } from "@/ui/Tone";
import { duration, oneLine, spoken } from "@/ui/format";
import card from "@/ui/ui.module.css";

import classes from "./Models.module.css";
import type { CatalogueReport } from "./report";

const TONES: Record<Served["state"], ToneName> = {
  none: "plain",
  downloading: "info",
  starting: "info",
  ready: "good",
  stopping: "warn",
  failed: "bad",
};

/** The model server that agentverse starts and stops itself. */
export function Server({ suggested }: { suggested: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const served = useQuery({
    queryKey: ["served"],
    queryFn: () => get<Served>("/api/models/served"),
    refetchInterval: (query) => (["downloading", "starting", "stopping"].includes(query.state.data?.state ?? "") ? 1000 : 5000),
  });
  const done = (answer: Served) => {
    queries.setQueryData(["served"], answer);
    void queries.invalidateQueries({ queryKey: ["status"] });
    void queries.invalidateQueries({ queryKey: ["doctor"] });
  };
  const start = useMutation({ mutationFn: (body: Serve) => post<Served>("/api/models/serve", body), onSuccess: done });
  const stop = useMutation({ mutationFn: () => post<Served>("/api/models/stop"), onSuccess: done });
  const state = served.data?.state ?? "none";
  const off = state === "none" || state === "failed";
  return (
    <section className={card.card} aria-labelledby="served">
      <div className={classes.serverHead}>
        <h2 className={classes.second} id="served" style={{ margin: 0 }}>
          {t("models.server")}
        </h2>
        <Badge tone={TONES[state]}>{t(`models.served.${state}`)}</Badge>
      </div>
      <p className={card.faint}>{t("models.serverHelp")}</p>
      {served.data && !off && <Progress served={served.data} />}
      {served.data?.problem && (
        <p className={classes.problem}>
          {spoken(served.data.problem)} {spoken(served.data.fix ?? "")}
        </p>
      )}
      {off ? (
        <StartForm suggested={suggested} busy={start.isPending} start={start.mutate} />
      ) : (
        <Button variant="default" leftSection={<Icon name="stop" size={15} />} loading={stop.isPending} onClick={() => stop.mutate()}>
          {t("models.stop")}
        </Button>
      )}
      <ErrorNote error={start.error ?? stop.error} />
    </section>
  );
}

function Progress({ served }: { served: Served }) {
  const { t } = useTranslation();
  return (
    <>
      <p>
        <strong>{oneLine(served.model, 60)}</strong> {served.engine} {served.stage && `· ${oneLine(served.stage, 80)}`} · {duration(served.seconds)}
      </p>
      {served.fraction !== null && served.state !== "ready" && <progress value={served.fraction} max={1} style={{ width: "100%" }} aria-label={t(`models.served.${served.state}`)} />}
      {served.url && (
        <p className={card.faint}>
          {t("models.address")}: {served.url}
        </p>
      )}
    </>
  );
}

function StartForm({ suggested, busy, start }: { suggested: string; busy: boolean; start: (body: Serve) => void }) {
  const { t } = useTranslation();
  const catalogue = useQuery({ queryKey: ["catalogue"], queryFn: () => get<Catalogue>("/api/models/catalogue"), staleTime: 60_000 });
  const report = catalogue.data?.report as CatalogueReport | undefined;
  const [name, setName] = useState("");
  const [download, setDownload] = useState(false);
  const fitting = (report?.catalogue ?? []).filter((one) => Object.values(one.forms).some((form) => form.fit.fits));
  return (
    <div className={classes.form}>
      <NativeSelect
        label={t("models.choose")}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data={[{ value: "", label: suggested ? `${t("models.best")} (${suggested})` : t("models.best") }, ...fitting.map((one) => ({ value: one.name, label: one.name }))]}
      />
      <Switch label={t("models.download")} checked={download} onChange={(event) => setDownload(event.currentTarget.checked)} />
      <div className={classes.buttons}>
        <Button leftSection={<Icon name="play" size={15} />} loading={busy} onClick={() => start({ name, download })}>
          {t("models.start")}
        </Button>
      </div>
    </div>
  );
}
