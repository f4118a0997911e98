import { Button, Modal, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";

import { ofRun } from "@/api/http";
import { useAct } from "@/api/queries";
import type { Fork } from "@/api/types.gen";
import type { Moment } from "@/journal/moment";
import { ErrorNote } from "@/ui/ErrorNote";
import { Icon } from "@/ui/Icon";

import { phaseOf, phaseTitle } from "./titles";
import type { View } from "./useMoment";

/** A new run that takes over what this one did before a phase, with another prompt or model. */
export function ForkModal({ view, close }: { view: View; close: () => void }) {
  const { t } = useTranslation();
  const { moment } = view;
  const begun = [...moment.phases.keys()].filter((name) => !name.includes(".") && name in (moment.resolved?.company.phases ?? {}));
  const [phase, setPhase] = useState(() => latest(moment, begun));
  const own = promptOf(moment, phase);
  const [prompt, setPrompt] = useState<string>();
  const [model, setModel] = useState("");
  const [name, setName] = useState("");
  const [, go] = useLocation();
  const fork = useAct<Fork>(ofRun(view.run, "/fork"));
  const start = async () => {
    const run = await fork
      .mutateAsync({
        phase,
        prompt: prompt !== undefined && prompt !== own ? prompt : null,
        models: model ? { edge: model } : {},
        name: name || null,
      })
      .catch(() => undefined);
    if (run) go(`/runs/${encodeURIComponent(run.id)}`);
  };
  return (
    <Modal opened onClose={close} size="lg" title={t("run.forking.title")} closeButtonProps={{ "aria-label": t("shell.close") }}>
      <div style={{ display: "grid", gap: 12 }}>
        <NativeSelect
          label={t("run.forking.phase")}
          value={phase}
          onChange={(event) => {
            setPhase(event.currentTarget.value);
            setPrompt(undefined);
          }}
          data={begun.map((one) => ({ value: one, label: phaseTitle(moment, one) }))}
        />
        <Textarea
          label={t("run.forking.prompt")}
          description={t("run.forking.promptHelp")}
          value={prompt ?? own}
          onChange={(event) => setPrompt(event.currentTarget.value)}
          rows={8}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } }}
        />
        <TextInput label={t("run.forking.model")} description={t("run.forking.modelHelp")} value={model} onChange={(event) => setModel(event.currentTarget.value)} />
        <TextInput label={t("run.forking.name")} description={t("home.nameHint")} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <ErrorNote error={fork.error} />
        <Button leftSection={<Icon name="fork" size={16} />} loading={fork.isPending} disabled={!phase} onClick={() => void start()}>
          {t("run.forking.start")}
        </Button>
      </div>
    </Modal>
  );
}

/** The phase that was begun last. */
function latest(moment: Moment, names: readonly string[]): string {
  return names.reduce((best, name) => (moment.phase(name).since >= moment.phase(best).since ? name : best), names[0] ?? "");
}

function promptOf(moment: Moment, name: string): string {
  const prompt = phaseOf(moment.resolved, name)?.prompt;
  if (typeof prompt === "string") return prompt;
  return prompt?.[moment.language] ?? prompt?.en ?? "";
}
