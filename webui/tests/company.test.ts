import { readdirSync, readFileSync } from "node:fs";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { addPhase, companyOf, connect, disconnect, graphOf, linesOf, removePhase, setField, setKind } from "@/yaml/company";
import { applied, edit, meaning, same } from "@/yaml/edit";

const FOLDER = new URL("../../companies/", import.meta.url);
const SHIPPED = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => [name, readFileSync(new URL(name, FOLDER), "utf8")] as const);

const comments = (text: string) => text.split("\n").filter((line) => /(^|\s)#\s/.test(line) && !/[{%]/.test(line)).map((line) => line.replace(/^[^#]*#/, "#"));

const SMALL = `# what it is
name: small   # kept
phases:
  # the first
  demand:
    ask: cpo          # who
    prompt: |
      Say # this is no comment
      it.

  design: {after: demand, ask: cto}
  check:
    after: [demand, design]   # both
    run: pytest -q
    then: demand
    at_most: 2
`;

describe("a company's text", () => {
  test.each(SHIPPED)("%s reads as a graph with every phase", (_, text) => {
    const company = companyOf(text);
    expect(graphOf(text)?.nodes.map((node) => node.name)).toEqual(Object.keys(company?.phases ?? {}));
  });

  test("a field is changed where it stands, and all else stays letter for letter", () => {
    const changed = setField(SMALL, "demand", "ask", "ceo");
    expect(changed).toBe(SMALL.replace("ask: cpo          # who", "ask: ceo          # who"));
  });

  test("a field is added at the end of its phase", () => {
    const changed = setField(SMALL, "check", "when", "not done");
    expect(changed).toBe(`${SMALL}    when: not done\n`);
  });

  test("a phase in one line is changed as well", () => {
    const changed = setField(SMALL, "design", "ask", "ceo");
    expect(companyOf(changed)?.phases.design).toEqual({ after: "demand", ask: "ceo" });
    expect(comments(changed)).toEqual(comments(SMALL));
  });

  test("a text of several lines is replaced whole", () => {
    const changed = setField(SMALL, "demand", "prompt", "One\nTwo # still text\n");
    expect(companyOf(changed)?.phases.demand?.prompt).toBe("One\nTwo # still text\n");
    expect(changed).toContain("# the first");
    expect(changed).toContain("  design: {after: demand, ask: cto}\n");
  });

  test("a way forward is an edge, a way back a bounded loop, and both can be taken out again", () => {
    const { text, name } = addPhase(SMALL, "ask", "writer", "check");
    expect(graphOf(text)?.edges).toContainEqual({ source: "check", target: name, kind: "after" });
    const looped = connect(text, name, "design");
    expect(companyOf(looped)?.phases[name]).toMatchObject({ then: "design", at_most: 3 });
    const back = graphOf(looped)?.edges.find((edge) => edge.kind === "then" && edge.source === name);
    expect(back && same(meaning(disconnect(looped, back)), meaning(text))).toBe(true);
  });

  test("a phase goes with everything that leads to it", () => {
    const left = removePhase(SMALL, "demand");
    expect(companyOf(left)?.phases).toEqual({ design: { ask: "cto" }, check: { after: "design", run: "pytest -q" } });
  });

  test("a value that is used elsewhere by alias stays there when its phase goes", () => {
    const text = "phases:\n  a:\n    ask: x\n    prompt: &p Say it\n  b:\n    ask: y\n    prompt: *p\n  c:\n    ask: z\n    prompt: *p\n";
    expect(companyOf(removePhase(text, "a"))?.phases).toEqual({ b: { ask: "y", prompt: "Say it" }, c: { ask: "z", prompt: "Say it" } });
  });

  test("another kind takes the fields of the old one along", () => {
    const text = "phases:\n  talk:\n    meet: seminar\n    seats: {a: x}\n    prompt: Hm\n";
    expect(companyOf(setKind(text, "talk", "ask", "cto"))?.phases.talk).toEqual({ ask: "cto", prompt: "Hm" });
  });

  test("lines tell where a phase stands", () => {
    expect(linesOf(SMALL).get("design")).toEqual({ from: 11, to: 11 });
    expect(linesOf(SMALL).get("check")?.from).toBe(12);
  });
});

const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
const scalar = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.constantFrom("true", "no", "- x", "# x", "a: b", "'", '"', "{{ idea }}", "中文", "1", "~", "", " x ", "a\nb", "a\n\n b\n", "\ttab"),
  fc.integer(),
  fc.boolean(),
);
const value = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.dictionary(name, scalar, { maxKeys: 3 }));

describe("any change", () => {
  const phase = fc.constantFrom(...SHIPPED.flatMap(([, text]) => Object.keys(companyOf(text)?.phases ?? {}).map((one) => ({ text, one }))));
  const field = fc.constantFrom("ask", "prompt", "title", "after", "when", "produces", "brandnew");

  test("means what it should, and keeps every comment outside of what was replaced", () => {
    fc.assert(
      fc.property(phase, field, value, ({ text, one }, key, what) => {
        const path = ["phases", one, key];
        const changed = edit(text, path, what);
        expect(same(meaning(changed), applied(meaning(text), path, what))).toBe(true);
        const inside = new Set(comments(String(key in (companyOf(text)?.phases[one] ?? {}) ? text : "")));
        for (const comment of comments(text)) if (!inside.has(comment)) expect(comments(changed)).toContain(comment);
      }),
      { numRuns: 60 },
    );
  });

  test("leaves the other phases letter for letter", () => {
    fc.assert(
      fc.property(phase, scalar, ({ text, one }, what) => {
        const changed = edit(text, ["phases", one, "brandnew"], what);
        const back = edit(changed, ["phases", one, "brandnew"], undefined);
        expect(back).toBe(text);
        for (const line of text.split("\n")) expect(changed).toContain(line);
      }),
      { numRuns: 25 },
    );
  });

  test("taken back gives the same meaning and the same comments", () => {
    for (const [, text] of SHIPPED) {
      const { text: more, name: added } = addPhase(text, "run", "pytest -q", Object.keys(companyOf(text)?.phases ?? {})[0] ?? "");
      const back = removePhase(more, added);
      expect(same(meaning(back), meaning(text))).toBe(true);
      expect(comments(back)).toEqual(comments(text));
    }
  });
});
