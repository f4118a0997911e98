import { Switch, TextInput } from "@mantine/core";

import type { Parameter } from "@/api/types.gen";
import type { Language } from "@/i18n";
import { oneLine } from "@/ui/format";

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
  const { value } = parameter;
  const usual = typeof value === "string" ? value : (value[speak] ?? value.en ?? "");
  const label = oneLine(parameter.name.replaceAll("_", " "), 60);
  if (parameter.kind === "yes_no") {
    return <Switch label={label} checked={(typed ?? usual) === "true"} onChange={(event) => type(String(event.currentTarget.checked))} />;
  }
  return (
    <TextInput
      label={label}
      placeholder={oneLine(usual, 120)}
      inputMode={parameter.kind === "number" ? "decimal" : "text"}
      value={typed ?? ""}
      onChange={(event) => type(event.currentTarget.value || undefined)}
    />
  );
}
