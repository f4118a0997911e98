import { TextInput } from "@mantine/core";

interface Props {
  readonly label: string;
  readonly value: number | "";
  readonly change: (value: number | "") => void;
  readonly placeholder?: string;
  readonly size?: string;
}

/** A positive number, or nothing. */
export function NumberField({ label, value, change, placeholder, size }: Props) {
  return (
    <TextInput
      type="number"
      inputMode="numeric"
      min={1}
      step="any"
      size={size ?? "sm"}
      label={label}
      placeholder={placeholder}
      value={value}
      onChange={({ currentTarget: { value: typed } }) => change(typed === "" ? "" : Math.max(1, Number(typed)))}
    />
  );
}
