import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { get } from "@/api/http";
import type { Doctor } from "@/api/types.gen";
import { ErrorNote } from "@/ui/ErrorNote";
import { Badge, Empty, Note } from "@/ui/Tone";
import { bytes, oneLine, spoken, thousands } from "@/ui/format";
import card from "@/ui/ui.module.css";

import { Catalogue } from "./Catalogue";
import { Live } from "./Live";
import classes from "./Models.module.css";
import type { DoctorReport } from "./report";
import { Server } from "./Server";

/** What replies come from: what is configured, what answers, what can be started here. */
export default function Models() {
  const { t } = useTranslation();
  const doctor = useQuery({ queryKey: ["doctor"], queryFn: () => get<Doctor>("/api/models"), staleTime: 10_000 });
  const report = doctor.data?.report as DoctorReport | undefined;
  return (
    <div className={classes.screen}>
      <h1 className={classes.heading}>{t("models.title")}</h1>
      <ErrorNote error={report ? undefined : doctor.error} retry={() => void doctor.refetch()} />
      {!report && !doctor.error && <Empty icon="clock">{t("shell.loading")}</Empty>}
      {report && (
        <>
          <Next report={report} />
          <Configured report={report} />
          <div className={classes.two}>
            <Server suggested={report.choice?.name ?? ""} />
            <MachineCard report={report} />
          </div>
        </>
      )}
      <Live />
      <Catalogue />
    </div>
  );
}

const STEPS = ["run", "driver", "driver_old", "install", "library", "update", "no_room", "server", "disk", "pull", "serve", "mend"] as const;

function Next({ report }: { report: DoctorReport }) {
  const { t } = useTranslation();
  const code = STEPS.find((step) => step === report.next.code) ?? "mend";
  return (
    <Note tone={code === "run" ? "good" : "info"} icon={code === "run" ? "check" : "skip"} title={t("models.next")}>
      <p>{t(`models.step.${code}`, { what: spoken(report.next.what) })}</p>
    </Note>
  );
}

function Configured({ report }: { report: DoctorReport }) {
  const { t } = useTranslation();
  return (
    <section className={card.card}>
      <h2 className={classes.second}>{t("models.configured")}</h2>
      {report.tiers.length === 0 && <p className={card.faint}>{t("models.none")}</p>}
      {report.tiers.map((tier) => (
        <div key={tier.tier} className={classes.tier}>
          <strong>{oneLine(tier.model || tier.provider, 60)}</strong>
          <Badge tone={tier.answers ? "good" : "bad"} icon={tier.answers ? "check" : "cross"}>
            {t(tier.answers ? "home.modelAnswers" : "home.modelSilent")}
          </Badge>
          <span className={card.faint}>
            {tier.tier} · {oneLine(tier.place, 80)} · {t("models.origin")}: {oneLine(tier.origin, 80)}
            {tier.context ? ` · ${t("home.modelContext", { size: thousands(tier.context) })}` : ""}
          </span>
          {tier.problem && <p className={classes.problem}>{spoken(tier.problem)}</p>}
          {tier.fix && <p className={card.faint}>{spoken(tier.fix)}</p>}
        </div>
      ))}
    </section>
  );
}

function MachineCard({ report }: { report: DoctorReport }) {
  const { t } = useTranslation();
  const { machine, disk, engines } = report;
  return (
    <section className={card.card}>
      <h2 className={classes.second}>{t("models.machine")}</h2>
      <ul className={classes.facts}>
        <li>{t("models.memory", { free: bytes(machine.available), total: bytes(machine.ram) })}</li>
        {machine.gpus.map((gpu, index) => (
          <li key={`${gpu.name}${index}`}>{t("models.gpu", { name: gpu.name, memory: bytes(gpu.memory) })}</li>
        ))}
        {machine.gpus.length === 0 && <li>{t("models.noGpu")}</li>}
        <li>{t("models.disk", { free: bytes(disk.free), folder: disk.folder })}</li>
        {engines.map((one) => (
          <li key={one.engine}>
            {one.version || one.program ? t("models.engine", { engine: one.engine, version: one.version || one.program }) : t("models.engineMissing", { engine: one.engine })}
          </li>
        ))}
      </ul>
    </section>
  );
}
