import type { Phase, Resolved } from "@/api/types.gen";
import { localized } from "@/i18n";
import type { Moment } from "@/journal/moment";
import { oneLine } from "@/ui/format";

/** The phase `name` of a company; `outer.inner` is found in the company that `outer` runs. */
export function phaseOf(resolved: Resolved | undefined, name: string): Phase | undefined {
  if (!resolved) return undefined;
  const [first = "", ...rest] = name.split(".");
  const phase = resolved.company.phases[first];
  if (!phase || rest.length === 0) return phase;
  return phaseOf(phase.company ? resolved.companies?.[phase.company] : undefined, rest.join("."));
}

export function phaseTitle(moment: Moment, name: string): string {
  const title = localized(phaseOf(moment.resolved, name)?.title);
  return oneLine(title || name.replaceAll("_", " "), 60);
}

export function roleTitle(moment: Moment, name: string): string {
  return oneLine(localized(moment.resolved?.roles?.[name]?.title) || name, 60);
}
