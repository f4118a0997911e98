import { CompletionContext } from "@codemirror/autocomplete";
import { EditorState } from "@codemirror/state";
import { expect, test } from "vitest";

import { completions } from "@/code/completion";

const SCHEMA = {
  $defs: {
    Phase: {
      oneOf: [{ required: ["ask"] }, { required: ["meet"] }],
      properties: {
        ask: { type: "string", description: "Role that answers once." },
        meet: { type: "string" },
        on_error: { enum: ["fail", "retry"] },
        seats: { additionalProperties: { type: "string" } },
        prompt: { anyOf: [{ type: "string" }, { additionalProperties: { type: "string" } }] },
      },
    },
  },
  properties: { name: {}, phases: { patternProperties: { "^[a-z]+$": { $ref: "#/$defs/Phase" } } } },
};
const NAMES = { ask: ["cto", "tester"], "seats.*": ["ceo"] };

/** What is offered where `|` stands. */
function offered(marked: string, explicit = false): string[] {
  const pos = marked.indexOf("|");
  const state = EditorState.create({ doc: marked.replace("|", "") });
  const found = completions(SCHEMA, () => NAMES)(new CompletionContext(state, pos, explicit));
  return found?.options.map((option) => option.label) ?? [];
}

test("keys of the mapping the cursor is in, without those that are there", () => {
  expect(offered("na|")).toEqual(["name", "phases"]);
  expect(offered("name: x\nphases:\n  code:\n    ask: cto\n    prompt:\n      en: Do it.\n    on|\n  next:\n    meet: x\n")).toEqual(["meet", "on_error", "seats"]);
  expect(offered("phases:\n  code:\n    |")).toEqual([]);
  expect(offered("phases:\n  code:\n    |", true)).toContain("ask");
});

test("values that the schema lists, and names there are", () => {
  expect(offered("phases:\n  code:\n    on_error: r|")).toEqual(["fail", "retry"]);
  expect(offered("phases:\n  code:\n    ask: |")).toEqual(["cto", "tester"]);
  expect(offered("phases:\n  code:\n    seats:\n      left: c|")).toEqual(["ceo"]);
  expect(offered("phases:\n  code:\n    prompt: so|")).toEqual([]);
});
