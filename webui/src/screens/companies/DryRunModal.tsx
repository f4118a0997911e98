import { Button, Modal, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { post } from "@/api/http";
import type { DryPhase, DryRun, DryRunAsked } from "@/api/types.gen";
import { language } from "@/i18n";
import { ErrorNote } from "@/ui/ErrorNote";
import { Note } from "@/ui/Tone";
import { oneLine, plain, spoken, thousands } from "@/ui/format";
import { useDraft } from "@/ui/useDraft";

import classes from "./Companies.module.css";

/** The graph walked without a model: what each turn would be shown. */
export function DryRunModal({ name, text, close }: { name: string; text: string; close: () => void }) {
  const { t } = useTranslation();
  const [idea, setIdea] = useDraft("dry", "a unit converter");
  const walk = useMutation({
    mutationFn: () => post<DryRun>("/api/dry-run", { name, text, idea, language: language() } satisfies DryRunAsked),
  });
  return (
    <Modal opened onClose={close} size="xl" title={t("company.dry.title")} closeButtonProps={{ "aria-label": t("shell.close") }}>
      <form
        style={{ display: "flex", gap: 10, alignItems: "flex-end", marginBottom: 12 }}
        onSubmit={(event) => {
          event.preventDefault();
          walk.mutate();
        }}
      >
        <TextInput style={{ flex: 1 }} label={t("company.dry.idea")} value={idea} onChange={(event) => setIdea(event.currentTarget.value)} data-autofocus />
        <Button type="submit" loading={walk.isPending}>
          {t("company.dry.go")}
        </Button>
      </form>
      <ErrorNote error={walk.error} />
      {walk.data && (
        <>
          <p className={classes.faint}>{t("company.dry.summary", { turns: walk.data.turns, tokens: thousands(walk.data.tokens) })}</p>
          {walk.data.phases.map((phase, index) => (
            <PhaseWalk key={`${phase.name}${index}`} phase={phase} />
          ))}
        </>
      )}
    </Modal>
  );
}

function PhaseWalk({ phase }: { phase: DryPhase }) {
  const { t } = useTranslation();
  return (
    <section className={classes.dryPhase}>
      <h3 style={{ margin: "0 0 4px", fontSize: 14 }}>{phase.name.replaceAll("_", " ")}</h3>
      {phase.assumed && <p className={classes.faint}>{t("company.dry.assumed", { what: oneLine(phase.assumed) })}</p>}
      {phase.problem && <Note tone="bad" icon="warn" title={spoken(phase.problem)} />}
      {phase.turns.length === 0 && !phase.problem && <p className={classes.faint}>{t("company.dry.none")}</p>}
      {phase.turns.map((turn) => (
        <details key={turn.key}>
          <summary className={classes.drySummary}>
            <strong>{oneLine(turn.title || turn.role, 60)}</strong>
            {turn.expects && ` · ${t("company.dry.expects", { what: turn.expects })}`}
            {` · ${t("company.dry.tokens", { count: turn.tokens })}`}
          </summary>
          {turn.prompt.map((message, index) => (
            <pre key={`${index}`} className={classes.dryPrompt} tabIndex={0}>
              {`[${message.role}]\n${plain(message.text)}`}
            </pre>
          ))}
        </details>
      ))}
    </section>
  );
}
