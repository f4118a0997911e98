/** The seats of a picture: those an environment declares, and those that a conversation has filled. */
import type { Environment, Resolved } from "@/api/types.gen";
import { localized } from "@/i18n";
import { colourAt } from "@/ui/Avatar";
import { oneLine } from "@/ui/format";

import type { Scene } from "./scene";

export interface Seat {
  readonly seat: string;
  readonly role: string;
  readonly title: string;
  readonly place?: string | undefined;
  readonly group?: string | undefined;
  readonly colour?: string | undefined;
  readonly hand?: boolean | undefined;
  readonly score?: number | undefined;
  /** It takes no part any more: something that began as true of everybody is not true of it. */
  readonly out?: boolean | undefined;
}

/** Seats as declared, before anybody has sat down. */
export function seatsOf(environment: Environment, resolved: Resolved | undefined): Seat[] {
  return Object.entries(environment.seats ?? {}).map(([seat, about]) => {
    const role = typeof about?.role === "string" ? about.role : "";
    const title = typeof about?.role === "object" && about.role !== null ? about.role.title : resolved?.roles?.[role]?.title;
    return { seat, role: role || seat, title: oneLine(String(localized(title) || role || seat), 60) };
  });
}

/** Seats as they are in a conversation: where, with whom, with which score, and whether a hand is up. */
export function seated(scene: Scene, words: (value: string) => string): Seat[] {
  const places = (scene.placed ? scene.world[scene.placed] : {}) as Readonly<Record<string, unknown>>;
  const [points] = scene.moved();
  const groups = groupsOf(scene);
  return Object.entries(scene.seats).map(([seat, about], index) => {
    const place = places[seat];
    const group = groups.findIndex((one) => one.includes(seat));
    return {
      seat,
      role: about.role,
      title: oneLine(about.name, 60),
      colour: colourAt(index),
      ...(typeof place === "string" && place ? { place: named(scene.placed, words(place)) } : {}),
      ...(group >= 0 ? { group: String(group + 1) } : {}),
      ...(scene.hands.has(seat) ? { hand: true } : {}),
      ...(scene.isOut(seat) ? { out: true } : {}),
      ...(points ? { score: points[1].at(-1)?.scores[seat] } : {}),
    };
  });
}

/** Who hears only one another, where that does not follow from the places they are at. */
export function groupsOf(scene: Scene): readonly (readonly string[])[] {
  const places = (scene.placed ? scene.world[scene.placed] : {}) as Readonly<Record<string, unknown>>;
  return scene.groups.filter((group) => group.some((seat) => places[seat] === undefined || places[seat] !== places[group[0] ?? ""]));
}

/** A place by its name; where the field is of something else, by what it is. */
function named(field: string, place: string): string {
  return field === "place" ? place : `${field.replaceAll("_", " ")}: ${place}`;
}

const RULES = ["order", "visibility", "selection", "update", "description", "stop"] as const;
type Rule = (typeof RULES)[number];

/** What holds where an environment says nothing. */
const USUAL: Partial<Record<Rule, unknown>> = { order: "alternate", visibility: "all" };

/** A rule's name, and its options in one line. */
export function ruleText(rule: unknown): string {
  if (typeof rule === "string") return rule;
  if (typeof rule !== "object" || rule === null) return "";
  return Object.entries(rule)
    .map(([name, options]) => (options === true || name === "template" ? name : `${name}: ${optionText(options)}`))
    .join(", ");
}

/** Options of a rule: texts for agents are left out, they stand in the environment's own text. */
function optionText(options: unknown): string {
  if (Array.isArray(options)) return options.map(optionText).join("; ");
  if (typeof options !== "object" || options === null) return String(options);
  return Object.entries(options)
    .filter(([, value]) => !(typeof value === "string" && value.length > 80))
    .map(([name, value]) => `${name.replaceAll("_", " ")} ${optionText(value)}`)
    .join(", ");
}

/** The rules that say something, in the order in which they take hold. */
export function rulesOf(environment: Environment): [Rule, string][] {
  const rules = { ...USUAL, ...environment.rules };
  return RULES.flatMap((kind) => (rules[kind] == null ? [] : [[kind, ruleText(rules[kind])] as [Rule, string]]));
}
