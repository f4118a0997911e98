import { NativeSelect, Switch, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Parameter } from "@/api/types.gen";
import { localized, type Language } from "@/i18n";
import { oneLine } from "@/ui/format";

import classes from "./Home.module.css";

interface Props {
  readonly parameter: Parameter;
  /** The language of the agents: a default may differ by it. */
  readonly speak: Language;
  readonly typed: string | undefined;
  /** Undefined is the default again. */
  readonly type: (value: string | undefined) => void;
}

/** A parameter of an environment; left empty it has its default. */
export function ParameterField({ parameter, speak, typed, type }: Props) {
  const { t } = useTranslation();
  const { value, least, most } = parameter;
  const usual = typeof value === "string" ? value : (value[speak] ?? value.en ?? "");
  const label = oneLine(localized(parameter.title) || parameter.name.replaceAll("_", " "), 60);
  const shared = { label, value: typed ?? "", placeholder: oneLine(usual, 120) };
  const change = (event: { currentTarget: { value: string } }) => type(event.currentTarget.value || undefined);
  if (parameter.kind === "yes_no") {
    return <Switch label={label} checked={(typed ?? usual) === "true"} onChange={(event) => type(String(event.currentTarget.checked))} />;
  }
  if ((parameter.choices?.length ?? 0) > 0) return <Choice parameter={parameter} label={label} usual={usual} typed={typed} type={type} />;
  if (parameter.kind === "number") {
    const bounds = least != null && most != null ? t("home.between", { least, most }) : undefined;
    return (
      <TextInput {...shared} type="number" min={least ?? undefined} max={most ?? undefined} step={parameter.whole ? 1 : "any"} description={bounds} inputWrapperOrder={["label", "input", "description"]} onChange={change} />
    );
  }
  if (usual.includes("\n")) return <Textarea {...shared} classNames={{ root: classes.across, input: classes.code }} rows={6} placeholder={usual} onChange={change} />;
  return <TextInput {...shared} title={usual} onChange={change} />;
}

interface ChoiceProps extends Omit<Props, "speak"> {
  readonly label: string;
  readonly usual: string;
}

/** One of several words, and where that is allowed, another. */
function Choice({ parameter, label, usual, typed, type }: ChoiceProps) {
  const { t } = useTranslation();
  const choices = parameter.choices ?? [];
  const now = typed ?? usual;
  const [other, setOther] = useState(() => !choices.includes(now));
  return (
    <div>
      <NativeSelect
        label={label}
        value={other ? "" : now}
        onChange={(event) => {
          setOther(event.currentTarget.value === "");
          type(event.currentTarget.value || undefined);
        }}
        data={[
          ...choices.map((one) => ({ value: one, label: oneLine(one.replaceAll("_", " "), 60) })),
          ...(parameter.open ? [{ value: "", label: t("home.other") }] : []),
        ]}
      />
      {other && <TextInput mt={6} aria-label={`${label}: ${t("home.other")}`} value={typed ?? ""} onChange={(event) => type(event.currentTarget.value || undefined)} />}
    </div>
  );
}
