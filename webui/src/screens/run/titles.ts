import type { Environment, Phase, Resolved } from "@/api/types.gen";
import { localized } from "@/i18n";
import type { Moment } from "@/journal/moment";
import { colourAt } from "@/ui/Avatar";
import { oneLine } from "@/ui/format";

/** The company that has the phase `name`: `outer.inner` is in the company that `outer` runs. */
function companyOf(resolved: Resolved | undefined, name: string): Resolved | undefined {
  const [first = "", ...rest] = name.split(".");
  if (!resolved || rest.length === 0) return resolved;
  const inner = resolved.company.phases[first]?.company;
  return companyOf(inner ? resolved.companies?.[inner] : undefined, rest.join("."));
}

/** The phase `name` of a company, or of one inside it. */
export function phaseOf(resolved: Resolved | undefined, name: string): Phase | undefined {
  return companyOf(resolved, name)?.company.phases[name.split(".").at(-1) ?? ""];
}

export function phaseTitle(moment: Moment, name: string): string {
  const title = localized(phaseOf(moment.resolved, name)?.title);
  return oneLine(title || name.replaceAll("_", " "), 60);
}

/** What a seat of a conversation is called. */
export function seatName(moment: Moment, phase: string, seat: string): string {
  return oneLine(moment.scenes.get(phase)?.names[seat] || seat, 60);
}

/** The colour of a seat, the same in the dialogue and on the stage; undefined outside of conversations. */
export function seatColour(moment: Moment, phase: string, seat: string | undefined): string | undefined {
  const place = seat ? Object.keys(moment.scenes.get(phase)?.names ?? {}).indexOf(seat) : -1;
  return place < 0 ? undefined : colourAt(place);
}

/** Names of several seats. */
export function seatNames(moment: Moment, phase: string, seats: readonly string[]): string {
  return oneLine(seats.map((seat) => seatName(moment, phase, seat)).join(", ") || "–", 200);
}

/** The environment that a phase meets in; before it meets, none where an input is to choose it. */
export function environmentOf(moment: Moment, phase: string): Environment | undefined {
  const said = phaseOf(moment.resolved, phase)?.meet;
  const name = moment.scenes.get(phase)?.environment || (typeof said === "string" ? said : "");
  return companyOf(moment.resolved, phase)?.environments?.[name];
}

export function roleTitle(moment: Moment, name: string): string {
  return oneLine(localized(moment.resolved?.roles?.[name]?.title) || name, 60);
}
