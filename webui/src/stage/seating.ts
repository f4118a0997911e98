/** A conversation as a picture: who sits there, who spoke, who heard it. From the rules and the journal alone. */
import type { Entry, Environment, Reply, Resolved } from "@/api/types.gen";
import { localized } from "@/i18n";

export interface Seat {
  readonly seat: string;
  readonly role: string;
  readonly title: string;
  readonly place?: string | undefined;
  readonly group?: string | undefined;
  readonly hand?: boolean | undefined;
  readonly score?: number | undefined;
}

export interface Spoken {
  readonly seq: number;
  readonly key: string;
  readonly seat: string;
  readonly text: string;
}

export function seatsOf(environment: Environment, sitting: Readonly<Record<string, string>>, resolved: Resolved | undefined): Seat[] {
  const { seats } = environment as { seats?: unknown };
  const names = Array.isArray(seats) ? seats.map(String) : Object.keys((seats ?? {}) as object);
  return names.map((seat) => {
    const role = sitting[seat] ?? "";
    return { seat, role, title: localized(resolved?.roles?.[role]?.title) || role || seat };
  });
}

/** What holds where an environment says nothing. */
const USUAL = { order: "alternate", visibility: "all" };

/** A rule's name, and its options in one line. */
export function ruleText(rule: unknown): string {
  if (typeof rule === "string") return rule;
  if (typeof rule !== "object" || rule === null) return "";
  return Object.entries(rule)
    .map(([name, options]) => (options === true ? name : `${name}: ${typeof options === "object" ? JSON.stringify(options) : String(options)}`))
    .join(", ");
}

export function rulesOf(environment: Environment): Record<string, string> {
  return Object.fromEntries(Object.entries({ ...USUAL, ...environment.rules }).map(([name, rule]) => [name, ruleText(rule)]));
}

/** What was said in one visit of a phase, in order. */
export function spokenIn(entries: readonly Entry[], phase: string, visit: number): Spoken[] {
  return entries.flatMap(({ seq, key, event }) =>
    event.type === "reply" && event.phase === phase && event.visit === visit
      ? [{ seq, key, seat: event.seat || event.role, text: event.text }]
      : [],
  );
}

/** Seats that hear what was said under `key`: as the rule says, and under rules of other kinds those that were shown it. */
export function hearers(entries: readonly Entry[], said: Spoken, phase: string, environment: Environment, seats: readonly Seat[]): string[] {
  const rule = ruleText(environment.rules?.visibility ?? "all");
  if (rule === "all") return seats.map(({ seat }) => seat).filter((seat) => seat !== said.seat);
  if (rule === "self") return [];
  const replies = new Map<string, Reply>();
  const heard = new Set<string>();
  for (const { seq, key, event } of entries) {
    if (event.type !== "reply") continue;
    replies.set(key, event);
    const seat = event.seat || event.role;
    if (event.phase === phase && seq > said.seq && seat !== said.seat && quotes(replies, event, said.key)) heard.add(seat);
  }
  return [...heard];
}

/** Whether a prompt, put together from the ones it continues, quotes the reply `key`. */
function quotes(replies: ReadonlyMap<string, Reply>, reply: Reply, key: string): boolean {
  let wanted = Number.POSITIVE_INFINITY;
  for (let now: Reply | undefined = reply; now; ) {
    const { base = null, keep = 0, add = [] }: NonNullable<Reply["prompt"]> = now.prompt ?? {};
    const own: readonly string[][] = add.slice(0, Math.max(0, wanted - keep));
    if (own.some((item) => item.length === 3 && item[1] === key)) return true;
    wanted = Math.min(wanted, keep);
    now = base === null || wanted === 0 ? undefined : replies.get(base);
  }
  return false;
}

/** What events that this page has no words for say of seats: places, groups, raised hands, scores. */
export function world(entries: readonly Entry[], phase: string, seats: readonly Seat[]): { seats: Seat[]; scores: readonly ScoreAt[] } {
  let now = new Map(seats.map((seat) => [seat.seat, seat]));
  const scores: ScoreAt[] = [];
  for (const { seq, event } of entries) {
    if (!("phase" in event) || event.phase !== phase) continue;
    const said = event as unknown as Record<string, unknown>;
    now = new Map([...now].map(([name, seat]) => [name, { ...seat, ...told(said, name) }]));
    const points = said.scores;
    if (typeof points === "object" && points !== null) scores.push({ seq, scores: numbers(points) });
  }
  return { seats: [...now.values()], scores };
}

export interface ScoreAt {
  readonly seq: number;
  readonly scores: Readonly<Record<string, number>>;
}

function told(said: Readonly<Record<string, unknown>>, seat: string): Partial<Seat> {
  const of = (name: string): unknown => {
    const all = said[name];
    return typeof all === "object" && all !== null ? (all as Record<string, unknown>)[seat] : undefined;
  };
  const [place, group, hand, score] = [of("places"), of("groups"), of("hands"), of("scores")];
  return {
    ...(typeof place === "string" ? { place } : {}),
    ...(typeof group === "string" ? { group } : {}),
    ...(typeof hand === "boolean" ? { hand } : {}),
    ...(typeof score === "number" ? { score } : {}),
  };
}

function numbers(points: object): Record<string, number> {
  return Object.fromEntries(Object.entries(points).filter((pair): pair is [string, number] => typeof pair[1] === "number"));
}
