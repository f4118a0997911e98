/** A conversation as its own events tell it: who sits there, who did what, who heard it, and the world they changed. */
import type { Entry, LineSaid, SceneEnded, SceneSet } from "@/api/types.gen";

import { Hands } from "./hands";
import { fieldOfPlaces, perSeat, type World } from "./world";

export interface Sitting {
  readonly role: string;
  readonly name: string;
}

export interface Told {
  readonly seq: number;
  readonly key: string;
  readonly seat: string;
  readonly action: string;
  readonly text: string;
  /** Seats that heard it, without the one who said it. */
  readonly hearers: readonly string[];
}

export interface ScoreAt {
  readonly seq: number;
  readonly scores: Readonly<Record<string, number>>;
}

/** Read entry by entry; `sceneOf` makes one. */
export class Scene {
  seats: Readonly<Record<string, Sitting>> = {};
  environment = "";
  /** The stage's title as people read it. */
  stage = "";
  world: World = {};
  /** The field of the world that says where a seat is; "" when none does. */
  placed = "";
  /** Fields that began as true of every seat. */
  private lasting: readonly string[] = [];
  readonly told: Told[] = [];
  readonly hands = new Hands();
  /** Seats that hear only one another since they last spoke. */
  groups: readonly (readonly string[])[] = [];
  readonly scores = new Map<string, ScoreAt[]>();
  ended: SceneEnded | undefined;

  set(event: SceneSet, seq: number): void {
    this.world = { ...event.world };
    this.stage = event.title || (event.stage ?? "");
    this.groups = [];
    this.hands.lower();
    if (Object.keys(event.seats ?? {}).length > 0) {
      this.seats = event.seats as unknown as Readonly<Record<string, Sitting>>;
      this.environment = event.environment ?? "";
      this.placed = fieldOfPlaces(this.world, this.seats);
      this.lasting = Object.keys(this.world).filter((name) => perSeat(this.world[name], this.seats, (value) => value === true));
    }
    this.count(Object.keys(this.world), seq);
  }

  said(event: LineSaid, entry: Entry): void {
    const changes = event.changes ?? {};
    for (const [field, value] of Object.entries(changes)) this.change(field, value);
    this.count(Object.keys(changes).map((field) => field.replace(/\[.*$/, "")), entry.seq);
    this.hands.follow(event, this.world);
    if (!event.seat) return;
    const heard = event.text || !event.action ? (event.heard_by ?? Object.keys(this.seats)) : [];
    this.gather(event, heard.length > 0);
    this.told.push({
      seq: entry.seq,
      key: entry.key,
      seat: event.seat,
      action: event.action ?? "",
      text: event.text ?? "",
      hearers: heard.filter((seat) => seat !== event.seat),
    });
  }

  end(event: SceneEnded, seq: number): void {
    this.world = { ...event.world };
    this.ended = event;
    this.hands.lower();
    this.count(Object.keys(this.world), seq);
  }

  /** Fields of scores that have moved, each with its course. */
  moved(): [string, readonly ScoreAt[]][] {
    return [...this.scores].filter(([, course]) => course.some((one) => JSON.stringify(one.scores) !== JSON.stringify(course[0]?.scores)));
  }

  /** Whether a yes-or-no that began as yes for all seats has become no for this one, such as being alive. */
  isOut(seat: string): boolean {
    return this.lasting.some((field) => (this.world[field] as Readonly<Record<string, unknown>> | undefined)?.[seat] === false);
  }

  private change(field: string, value: unknown): void {
    const [, name = "", entry = ""] = /^([^[]+)\[(.*)\]$/s.exec(field) ?? [];
    if (!name) this.world = { ...this.world, [field]: value };
    else this.world = { ...this.world, [name]: { ...(this.world[name] as object), [entry]: value } };
  }

  private count(fields: readonly string[], seq: number): void {
    for (const field of new Set(fields)) {
      const scores = perSeat(this.world[field], this.seats, (value) => typeof value === "number");
      if (!scores) continue;
      const course = this.scores.get(field) ?? [];
      course.push({ seq, scores: scores as Record<string, number> });
      this.scores.set(field, course);
    }
  }

  /** Whoever heard a line that others did not is in a group with its speaker, until one of them is heard by others. */
  private gather(event: LineSaid, heard: boolean): void {
    if (!heard) return;
    const among = event.heard_by ? [...new Set([event.seat, ...event.heard_by])].sort() : Object.keys(this.seats);
    const apart = this.groups.filter((group) => !group.some((seat) => among.includes(seat)));
    this.groups = event.heard_by && among.length > 1 ? [...apart, among] : apart;
  }
}

/** The conversation of one visit of a phase, after all of `entries`. */
export function sceneOf(entries: readonly Entry[], phase: string, visit: number): Scene {
  const scene = new Scene();
  for (const entry of entries) {
    const { event, seq } = entry;
    if (!("phase" in event) || event.phase !== phase || event.visit !== visit) continue;
    if (event.type === "scene") scene.set(event, seq);
    else if (event.type === "line") scene.said(event, entry);
    else if (event.type === "scene.ended") scene.end(event, seq);
  }
  return scene;
}
