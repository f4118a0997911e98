import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import type { AnyEvent, Entry } from "@/api/types.gen";
import { Feed } from "@/journal/feed";
import { History } from "@/journal/history";
import { sceneOf, type Scene } from "@/stage/scene";
import { seated, seatsOf } from "@/stage/seating";
import { shared } from "@/stage/world";

/** Part of the journal of a simulation that a script played: seats, lines, replies. */
function recorded(name: string): Entry[] {
  return JSON.parse(readFileSync(new URL(`./journals/${name}.json`, import.meta.url), "utf8")) as Entry[];
}

const CLASS = recorded("classroom");
const PRISON = recorded("prisoners");

/** The conversation as it is when the journal stands at `seq`. */
function at(entries: readonly Entry[], seq: number): Scene {
  return sceneOf(entries.filter((entry) => entry.seq <= seq), "scene", 1);
}

/** The number of the first line that is like this. */
function line(entries: readonly Entry[], wanted: Readonly<Record<string, unknown>>, after = 0): number {
  const found = entries.find(({ seq, event }) => seq > after && event.type === "line" && Object.entries(wanted).every(([name, value]) => event[name as keyof AnyEvent] === value));
  if (!found) throw new Error(`no line is like ${JSON.stringify(wanted)}`);
  return found.seq;
}

const plain = (value: string) => value;

describe("a lesson", () => {
  const asks = line(CLASS, { action: "ask" });
  const raised = line(CLASS, { action: "raise_hand", seat: "omar" });
  const called = line(CLASS, { action: "call_on" });

  test("seats all who are in it, by the names they bear", () => {
    const seats = seated(at(CLASS, asks), plain);
    expect(seats.map((one) => one.title)).toEqual(["Professor Hale", "Nora", "Felix", "Irene", "Samuel", "Greta", "Omar", "Yuki", "Petra"]);
    expect(at(CLASS, asks).stage).toBe("The lesson");
  });

  test("shows who spoke and who heard it", () => {
    const now = at(CLASS, asks).told.at(-1);
    expect([now?.seat, now?.action]).toEqual(["professor", "ask"]);
    expect(now?.hearers).toEqual(["nora", "felix", "irene", "samuel", "greta", "omar", "yuki", "petra"]);
  });

  test("keeps hands up until one is called on", () => {
    expect(at(CLASS, asks).hands.seats).toEqual([]);
    expect(at(CLASS, raised).hands.seats).toEqual(["felix", "omar"]);
    expect(at(CLASS, raised).told.at(-1)?.hearers).toEqual([]);
    expect(at(CLASS, called).hands.seats).toEqual([]);
    expect(seated(at(CLASS, raised), plain).filter((one) => one.hand).map((one) => one.seat)).toEqual(["felix", "omar"]);
  });

  test("parts into groups that hear only themselves, and comes together again", () => {
    const first = line(CLASS, { stage: "discussion", action: "speak" });
    const both = line(CLASS, { stage: "discussion", action: "speak" }, first);
    expect(at(CLASS, first).groups).toEqual([["irene", "nora", "petra", "samuel"]]);
    expect(at(CLASS, both).groups).toEqual([["irene", "nora", "petra", "samuel"], ["felix", "greta", "omar", "yuki"]]);
    expect(at(CLASS, both).told.at(-1)?.hearers).toEqual(["felix", "omar", "yuki"]);
    const whole = new Map(seated(at(CLASS, both), plain).map((one) => [one.seat, one.group]));
    expect([whole.get("professor"), whole.get("nora"), whole.get("omar")]).toEqual([undefined, "1", "2"]);
    expect(at(CLASS, line(CLASS, { stage: "closing" })).groups).toEqual([]);
  });

  test("counts what each seat has, over time", () => {
    expect(at(CLASS, called).moved()).toEqual([]);
    const [[field, course] = ["", []], ...more] = at(CLASS, 10_000).moved();
    expect([field, more]).toEqual(["answers", []]);
    expect(course[0]?.scores.felix).toBe(0);
    expect(course.at(-1)?.scores).toMatchObject({ felix: 2, greta: 1, omar: 0, petra: 1, samuel: 1 });
    expect(seated(at(CLASS, 10_000), plain).find((one) => one.seat === "felix")?.score).toBe(2);
  });

  test("has a world beside its seats, which goes back with the time", () => {
    const scene = at(CLASS, raised);
    expect(shared(scene.world, scene.seats)).toEqual({ asked: true, hands: ["felix", "omar"], called: "", question: "" });
    expect(at(CLASS, 10_000).ended?.report).toMatch(/of 8 students spoke/);
  });
});

describe("two prisoners", () => {
  test("sit in rooms of their own", () => {
    const seats = new Map(seated(at(PRISON, line(PRISON, { seat: "avery" })), plain).map((one) => [one.seat, one.place]));
    expect([seats.get("avery"), seats.get("blake"), seats.get("detective")]).toEqual(["room: A", "room: B", undefined]);
    expect(seated(at(PRISON, 10_000), (value) => `number ${value}`).find((one) => one.seat === "blake")?.place).toBe("room: number B");
  });

  test("are heard by the detective alone, in one pair after the other", () => {
    expect(at(PRISON, line(PRISON, { stage: "room_a", seat: "avery" })).groups).toEqual([["avery", "detective"]]);
    expect(at(PRISON, line(PRISON, { stage: "room_b", seat: "blake" })).groups).toEqual([["blake", "detective"]]);
    expect(at(PRISON, line(PRISON, { action: "testify" })).told.at(-1)?.hearers).toEqual(["detective"]);
  });

  test("get their years when the verdict is said, not before", () => {
    expect(at(PRISON, line(PRISON, { action: "testify" })).moved()).toEqual([]);
    const verdict = at(PRISON, line(PRISON, { seat: "" })).moved();
    expect(verdict).toHaveLength(1);
    expect(verdict[0]?.[1].at(-1)?.scores).toEqual({ avery: 10, blake: 0 });
  });
});

describe("any conversation", () => {
  const scene = (world: Record<string, unknown>): AnyEvent => ({
    type: "scene", phase: "p", visit: 1, seats: { a: { role: "r", name: "A" }, b: { role: "r", name: "B" } }, world,
  });
  const entries = (...events: AnyEvent[]): Entry[] => events.map((event, index) => ({ run: "r", seq: index + 1, key: `k${index}`, at: 0, input: "", event }));
  const said = (seat: string, more: object = {}): AnyEvent => ({ type: "line", phase: "p", visit: 1, seat, text: "hm", ...more });

  test("keeps a hand up that no list of the world knows until its seat speaks or somebody is called on", () => {
    const hand = said("a", { action: "raise_hand", text: "" });
    expect(sceneOf(entries(scene({}), hand, said("b")), "p", 1).hands.seats).toEqual(["a"]);
    expect(sceneOf(entries(scene({}), hand, said("a")), "p", 1).hands.seats).toEqual([]);
    expect(sceneOf(entries(scene({}), hand, said("b", { action: "call_on" })), "p", 1).hands.seats).toEqual([]);
  });

  test("takes the field place for places, however few there are, and no text that says too little or too much", () => {
    const placed = (world: Record<string, unknown>) => sceneOf(entries(scene(world)), "p", 1).placed;
    expect(placed({ team: { a: "x", b: "y" }, place: { a: "inn", b: "inn" } })).toBe("place");
    expect(placed({ team: { a: "x", b: "y" } })).toBe("team");
    expect(placed({ plea: { a: "", b: "" }, mood: { a: "good", b: "good" }, rooms: { hall: "x", yard: "y" } })).toBe("");
  });

  test("is that of one visit: the next begins anew", () => {
    const again = { ...scene({}), visit: 2 } as AnyEvent;
    expect(sceneOf(entries(scene({}), said("a"), again), "p", 2).told).toEqual([]);
  });

  test("is drawn from its declaration before anybody has sat down", () => {
    const seats = seatsOf({ seats: { guest: { role: { title: "Guest", prompt: "Eat." } }, cook: { role: "chef" }, wall: {} } } as never, undefined);
    expect(seats.map((one) => one.title)).toEqual(["Guest", "chef", "wall"]);
  });
});

describe("the dialogue of a conversation", () => {
  test("joins a reply with what was heard of it, and tells what no reply brought", () => {
    const feed = new Feed();
    feed.append(CLASS);
    const turns = feed.items.filter((item) => item.kind === "turn");
    expect(turns).toHaveLength(20);
    expect(turns.filter((turn) => turn.line).map((turn) => turn.line?.value.action)).not.toContain("pass");
    expect(turns.find((turn) => turn.line?.value.action === "call_on")?.line?.value.text).toBe("Felix, please.");
    const lines = feed.items.flatMap((item) => (item.kind === "line" ? [item.entry.event] : []));
    expect(lines.map((event) => event.type)).toEqual(["scene", "scene", "line", "scene", "scene.ended"]);
    expect(lines[2]).toMatchObject({ seat: "", text: "(The groups are back.)" });
  });

  test("knows who sits there by name, and in which environment", () => {
    const history = new History();
    history.append(PRISON);
    expect(history.now().scenes.get("scene")).toEqual({
      environment: "prisoners", names: { detective: "Detective Moss", avery: "Avery", blake: "Blake" },
    });
  });

  test("folds tools into rows of their own and leaves out what a sandbox showed, which is evidence", () => {
    const feed = new Feed();
    const events: AnyEvent[] = [
      { type: "scene", phase: "p", visit: 1, seats: { tester: { role: "", name: "Tests", held: "sandbox" }, me: { role: "", name: "Me", held: "person" } } },
      { type: "tool", phase: "p", visit: 1, role: "coder", tool: "read", ok: true, result: "text" },
      { type: "line", phase: "p", visit: 1, seat: "tester", text: "2 tests passed" },
      { type: "line", phase: "p", visit: 1, seat: "me", text: "good" },
      { type: "remembered", phase: "p", visit: 1, seat: "me", what: "window", value: [0] },
      { type: "remembered", phase: "p", visit: 1, seat: "me", what: "recall", value: ["3"] },
    ];
    feed.append(events.map((event, index) => ({ run: "r", seq: index + 1, key: `k${index}`, at: 0, input: "", event })));
    expect(feed.items.map((item) => (item.kind === "line" ? item.entry.event.type : item.kind))).toEqual(["tool", "line", "remembered"]);
  });
});
