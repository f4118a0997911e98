import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { AnyEvent, Entry } from "@/api/types.gen";
import { blocks } from "@/journal/blocks";
import { Feed } from "@/journal/feed";
import { History, STRIDE, upTo } from "@/journal/history";
import { landmarks, next, previous } from "@/journal/landmarks";
import { Moment } from "@/journal/moment";
import { arrived, reading, useLive, written } from "@/live/store";

let count = 0;

function entry(event: AnyEvent, seq: number, run = "r"): Entry {
  return { run, seq, key: `k${seq}`, at: 1000 + seq, input: "", event };
}

const started = (phase: string, visit = 1): AnyEvent => ({ type: "phase.started", phase, visit, kind: "ask" });
const finished = (phase: string, visit = 1): AnyEvent => ({ type: "phase.finished", phase, visit, commit: "" });
const reply = (phase: string, prompt = 10): AnyEvent => ({
  type: "reply", phase, visit: 1, role: "cto", text: "hm", usage: { prompt, cached: 4, completion: 5, reasoning: 0 },
});
const evidence = (passed: boolean): AnyEvent => ({ type: "evidence", phase: "check", visit: 1, evidence: { passed } });

const event: fc.Arbitrary<AnyEvent> = fc.oneof(
  fc.constantFrom("a", "b", "a.c").chain((phase) => fc.constantFrom(started(phase), finished(phase), reply(phase), started(phase, 2))),
  fc.boolean().map(evidence),
  fc.constantFrom<AnyEvent>(
    { type: "files", phase: "a", visit: 1, author: "x", commit: "c1", parents: [], written: ["m.py"], deleted: [], conflicts: [] },
    { type: "files", phase: "b", visit: 1, author: "y", commit: "c2", parents: [], written: [], deleted: ["m.py"], conflicts: [] },
    { type: "gate.opened", phase: "a", visit: 1, question: "?" },
    { type: "gate.answered", phase: "a", visit: 1, text: "!" },
    { type: "run.ended", outcome: "failed", reason: "why" },
    { type: "run.resumed", epoch: 2 },
  ),
);

describe("the past of a run", () => {
  test("is the same however it is reached: by checkpoints or from the beginning", () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 60 }), fc.nat(), (events, place) => {
        const long = Array.from({ length: STRIDE * 2 + 7 }, (_, index) => entry(events[index % events.length] as AnyEvent, index + 1));
        const history = new History();
        history.append(long.slice(0, 700));
        history.append(long.slice(600));
        const seq = place % (long.length + 1);
        const plain = new Moment();
        for (const one of long.slice(0, seq)) plain.apply(one);
        expect(history.at(seq)).toEqual(plain);
        expect(history.now()).toEqual(history.at(long.length));
      }),
      { numRuns: 20 },
    );
  });

  test("is not changed by what comes later", () => {
    const history = new History();
    history.append([entry(started("a"), 1)]);
    const before = history.now();
    history.append([entry(finished("a"), 2)]);
    expect(before.phase("a").status).toBe("running");
    expect(history.at(1).phase("a").status).toBe("running");
    expect(history.now().phase("a").status).toBe("done");
  });

  test("takes entries once, in order, and knows their keys", () => {
    const history = new History();
    expect(history.append([entry(started("a"), 1), entry(finished("a"), 2)])).toHaveLength(2);
    expect(history.append([entry(finished("a"), 2), entry(started("b"), 3)]).map((one) => one.seq)).toEqual([3]);
    expect(history.has("k3")).toBe(true);
  });

  test("knows what is spent, who waits, and what was stopped", () => {
    const history = new History();
    history.append([
      entry(started("a"), 1), entry(reply("a"), 2), entry(reply("a", 20), 3),
      entry({ type: "gate.opened", phase: "a", visit: 1, question: "?" }, 4),
    ]);
    const now = history.now();
    expect(now.usage).toEqual({ prompt: 30, cached: 8, completion: 10, reasoning: 0 });
    expect([now.turns, now.phase("a").tokens, now.phase("a").status, now.waiting.length]).toEqual([2, 40, "asking", 1]);
    history.append([entry({ type: "run.ended", outcome: "stopped", reason: "by hand" }, 5)]);
    expect([history.now().phase("a").status, history.now().waiting.length]).toEqual(["waiting", 0]);
  });
});

test("a check that did not pass is not done", () => {
  const history = new History();
  history.append([entry(started("check"), 1), entry(evidence(false), 2), entry(finished("check"), 3)]);
  expect(history.now().phase("check").status).toBe("failed");
  history.append([entry(started("check", 2), 4), entry({ ...evidence(true), visit: 2 } as AnyEvent, 5), entry(finished("check", 2), 6)]);
  expect(history.now().phase("check").status).toBe("done");
});

describe("the dialogue", () => {
  test("puts repairs to their turn, and leaves lists that were handed out alone", () => {
    const feed = new Feed();
    feed.append([entry(started("a"), 1), entry(reply("a"), 2)]);
    const before = feed.items;
    feed.append([entry({ type: "repair", phase: "a", visit: 1, reply: "k2", problem: "bad_json", detail: "x", rung: "reask" }, 3)]);
    const [, turn] = feed.items;
    expect(turn?.kind === "turn" && turn.repairs.map((one) => one.seq)).toEqual([3]);
    expect(before[1]?.kind === "turn" && before[1].repairs).toEqual([]);
  });

  test("tells of an event this page does not know, and hides what other views show", () => {
    const feed = new Feed();
    feed.append([entry({ type: "brand.new" } as unknown as AnyEvent, 1), entry(finished("a"), 2), entry({ type: "counters", tier: "edge", servers: {} }, 3)]);
    expect(feed.items.map((item) => item.seq)).toEqual([1]);
  });

  test("a place is found in it by halving", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(200), { maxLength: 50 }), fc.nat(210), (numbers, seq) => {
        const sorted = numbers.sort((a, b) => a - b);
        expect(upTo(sorted, seq, (one) => one)).toBe(sorted.filter((one) => one <= seq).length);
      }),
    );
  });
});

test("landmarks lead forward and back", () => {
  const marks = landmarks([entry(started("a"), 1), entry(evidence(false), 2), entry(evidence(true), 3), entry(started("b"), 4)]);
  expect(marks).toEqual([{ seq: 1, kind: "phase" }, { seq: 2, kind: "failure" }, { seq: 4, kind: "phase" }]);
  expect(next(marks, 1, "phase")?.seq).toBe(4);
  expect(previous(marks, 4, "phase")?.seq).toBe(1);
  expect(next(marks, 2, "failure")).toBeUndefined();
});

describe("what comes over the stream", () => {
  const fresh = () => `run${(count += 1)}`;
  const delta = (run: string, key: string, at: number, text: string, restart = false) => ({ run, key, at, text, thinking: "", restart });
  const writing = (run: string) => useLive.getState().runs[run]?.writing.map((one) => one.text);

  test("a reply grows piece by piece, may begin again, and gives way to its entry", () => {
    const run = fresh();
    written(run, [delta(run, "k2", 0, "Hel"), delta(run, "k2", 3, "lo")]);
    expect(writing(run)).toEqual(["Hello"]);
    written(run, [delta(run, "k2", 3, "p")]);
    expect(writing(run)).toEqual(["Help"]);
    written(run, [delta(run, "k2", 0, "Anew", true)]);
    expect(writing(run)).toEqual(["Anew"]);
    arrived(run, [entry(started("a"), 1, run), entry(reply("a"), 2, run)]);
    expect(writing(run)).toEqual([]);
    written(run, [delta(run, "k2", 4, "late")]);
    expect(writing(run)).toEqual([]);
  });

  test("entries that come twice are shown once", () => {
    const run = fresh();
    arrived(run, [entry(started("a"), 1, run)]);
    arrived(run, [entry(started("a"), 1, run), entry(reply("a"), 2, run)]);
    expect(useLive.getState().runs[run]?.items).toHaveLength(2);
    expect(reading(run).history.last).toBe(2);
  });
});

describe("a reply as blocks", () => {
  test("fences, paths and data are told apart", () => {
    expect(blocks('Say:\n```python a.py\nx = 1\n```\n````md b.md\n```\ny\n```\n````\n')).toEqual([
      { kind: "text", text: "Say:" },
      { kind: "code", language: "python", path: "a.py", text: "x = 1" },
      { kind: "code", language: "md", path: "b.md", text: "```\ny\n```" },
    ]);
    expect(blocks(' {"approved": true} ')).toEqual([{ kind: "data", value: { approved: true } }]);
    expect(blocks("{no json")).toEqual([{ kind: "text", text: "{no json" }]);
  });

  test("edits are changes of a file, fenced or not, and what both sides share is told once", () => {
    const edit = "<<<<<<< SEARCH\na\nb\nc\n=======\na\nB\nc\n>>>>>>> REPLACE";
    const change = { kind: "change", path: "src/a.py", lines: [" a", "-b", "+B", " c"] };
    expect(blocks(`The b is wrong.\n\nsrc/a.py\n${edit}\nDone.`)).toEqual([
      { kind: "text", text: "The b is wrong." },
      change,
      { kind: "text", text: "Done." },
    ]);
    expect(blocks(`**\`src/a.py\`**:\n\`\`\`\n${edit}\n\`\`\``)).toEqual([change]);
    expect(blocks(`\`\`\`python src/a.py\n${edit}\n${edit}\n\`\`\``)).toEqual([change, change]);
    expect(blocks("m.py\n<<<<<<< SEARCH\nx = 1\n=======\nx =")).toEqual([{ kind: "change", path: "m.py", lines: ["-x = 1", "+x ="] }]);
  });

  test("patches are changes, one for each file", () => {
    const patch = "diff --git a/x.py b/x.py\nindex 1..2 100644\n--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b";
    const change = { kind: "change", path: "x.py", lines: ["@@ -1 +1 @@", "-a", "+b"] };
    expect(blocks(`See:\n${patch}\n\nThat is all.`)).toEqual([{ kind: "text", text: "See:" }, change, { kind: "text", text: "That is all." }]);
    expect(blocks(`${patch}\n${patch.replaceAll("x.py", "y.py")}`)).toEqual([change, { ...change, path: "y.py" }]);
    expect(blocks("```diff\n-a\n+b\n```")).toEqual([{ kind: "change", path: "", lines: ["-a", "+b"] }]);
    expect(blocks("--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b")).toEqual([change]);
  });

  test("no text is lost, whatever it holds", () => {
    const odd = ["a", "```", "~~~~", "```py x.py", "", "{", "    ```", "<<<<<<< SEARCH", "=======", ">>>>>>> REPLACE", "```diff", "m.py"];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...odd)), (lines) => {
        const kept = blocks(lines.join("\n"))
          .map((part) => (part.kind === "data" ? "{" : part.kind === "change" ? part.lines.join("\n") : part.text))
          .join("\n");
        for (const line of lines) if (line === "a" || line === "{") expect(kept).toContain(line);
      }),
    );
  });
});
