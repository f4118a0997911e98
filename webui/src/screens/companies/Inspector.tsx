import { Button, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Phase } from "@/api/types.gen";
import { kindOf, type PhaseKind } from "@/graph/shape";
import { language, asWritten } from "@/i18n";
import { Icon } from "@/ui/Icon";
import { NumberField } from "@/ui/NumberField";
import { companyOf, removePhase, setField, setKind } from "@/yaml/company";

import classes from "./Companies.module.css";
import { useLate } from "./useLate";
import type { PictureProps } from "./Picture";

interface Props {
  readonly text: string;
  readonly chosen: string;
  readonly names: PictureProps["names"];
  readonly become: (text: string) => void;
  readonly choose: (name: string) => void;
  readonly line: number | undefined;
  readonly goTo: (line: number) => void;
}

const ERRORS = ["fail", "retry", "escalate", "continue"] as const;

/** The fields of the phase that is chosen. What is changed here is changed in the text. */
export function Inspector({ text, chosen, names, become, choose, line, goTo }: Props) {
  const { t } = useTranslation();
  const phase = companyOf(text)?.phases[chosen];
  if (!phase) return <p className={`${classes.inspector} ${classes.faint}`}>{t("company.noneChosen")}</p>;
  const set = (field: string, value: unknown) => become(setField(text, chosen, field, value === "" ? undefined : value));
  return (
    <section className={classes.inspector} aria-label={t("company.chosen", { name: chosen })}>
      <h2 className={classes.inspectorTitle}>
        {t("company.chosen", { name: chosen })}
        {line !== undefined && (
          <Button size="compact-xs" variant="subtle" onClick={() => goTo(line)}>
            {t("company.goTo", { line })}
          </Button>
        )}
        <Button
          size="compact-xs"
          variant="subtle"
          color="red"
          leftSection={<Icon name="trash" size={13} />}
          onClick={() => {
            become(removePhase(text, chosen));
            choose("");
          }}
        >
          {t("company.removePhase")}
        </Button>
      </h2>
      <div className={classes.fields} key={chosen}>
        <LateText label={t("company.field.title")} value={asWritten(phase.title)} change={(value) => set("title", spoken(phase.title, value))} />
        <Work phase={phase} chosen={chosen} text={text} names={names} become={become} />
        <LateText label={t("company.field.when")} value={phase.when == null ? "" : String(phase.when)} change={(value) => set("when", value)} mono />
        <LateText label={t("company.field.each")} value={phase.each ?? ""} change={(value) => set("each", value)} mono />
        <NativeSelect
          size="xs"
          label={t("company.field.on_error")}
          value={phase.on_error ?? "fail"}
          onChange={(event) => set("on_error", event.currentTarget.value === "fail" ? undefined : event.currentTarget.value)}
          data={ERRORS.map((one) => ({ value: one, label: t(`company.onError.${one}`) }))}
        />
        {phase.then && (
          <NumberField size="xs" label={t("company.field.at_most")} value={phase.at_most ?? ""} change={(value) => value !== "" && set("at_most", Math.round(value))} />
        )}
        <LatePrompt label={t("company.field.prompt")} value={asWritten(phase.prompt)} change={(value) => set("prompt", spoken(phase.prompt, value))} />
      </div>
    </section>
  );
}

/** A text put back the way it was given: for all languages, or for the one that is spoken. */
function spoken(before: Phase["prompt"] | null, value: string): unknown {
  if (before == null || typeof before === "string") return value;
  return { ...before, [language()]: value };
}

type WorkProps = Pick<Props, "text" | "chosen" | "names" | "become"> & { readonly phase: Phase };

function Work({ phase, chosen, text, names, become }: WorkProps) {
  const { t } = useTranslation();
  const kind = kindOf(phase);
  const choices: Partial<Record<PhaseKind, readonly string[]>> = { ask: names.role, meet: names.environment, company: names.company };
  const value = phase[kind];
  const change = (next: string) => become(setField(text, chosen, kind, next));
  const listed = choices[kind];
  const kinds: readonly PhaseKind[] = ["ask", "meet", "run", "human", "company", "call"];
  const first: Partial<Record<PhaseKind, string>> = { ask: names.role[0] ?? "", meet: names.environment[0] ?? "", run: "auto", human: "…?", company: names.company[0] ?? "", call: "unfinished" };
  return (
    <>
      <NativeSelect
        size="xs"
        label={t("company.field.kind")}
        value={kind}
        onChange={(event) => {
          const next = event.currentTarget.value as PhaseKind;
          become(setKind(text, chosen, next, first[next] ?? ""));
        }}
        data={kinds.map((one) => ({ value: one, label: t(`common.kind.${one}`) }))}
      />
      {listed && typeof value === "string" ? (
        <NativeSelect size="xs" label={t(`company.field.${kind}`)} value={value} onChange={(event) => change(event.currentTarget.value)} data={[...new Set([value, ...listed])]} />
      ) : typeof value === "string" ? (
        <LateText label={t(`company.field.${kind}`)} value={value} change={change} mono={kind !== "human"} />
      ) : null}
      {kind === "meet" &&
        Object.entries(phase.seats ?? {}).flatMap(([seat, role]) => (typeof role !== "string" ? [] : (
          <NativeSelect
            key={seat}
            size="xs"
            label={`${t("run.stage.seat")}: ${seat}`}
            value={role}
            onChange={(event) => become(setField(text, chosen, "seats", { ...phase.seats, [seat]: event.currentTarget.value }))}
            data={[...new Set([role, ...names.role])]}
          />
        )))}
    </>
  );
}

interface LateProps {
  readonly label: string;
  readonly value: string;
  readonly change: (value: string) => void;
  readonly mono?: boolean;
}

const MONO = { input: { fontFamily: "var(--mantine-font-family-monospace)" } };

function LateText({ label, value, change, mono = false }: LateProps) {
  const late = useLate(value, change);
  return <TextInput size="xs" label={label} {...late} {...(mono ? { styles: MONO } : {})} />;
}

function LatePrompt({ label, value, change }: LateProps) {
  const late = useLate(value, change);
  return <Textarea className={classes.fullWidth} size="xs" rows={5} label={label} styles={MONO} {...late} />;
}
