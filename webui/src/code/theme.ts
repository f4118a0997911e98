import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** Colours come from the page's variables, so that they follow its theme by themselves. */
const looks = EditorView.theme({
  "&": { height: "100%", fontSize: "13px", color: "var(--av-text)", backgroundColor: "var(--av-surface)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mantine-font-family-monospace)", lineHeight: "1.55" },
  ".cm-gutters": { backgroundColor: "var(--av-sunk)", color: "var(--av-faint)", border: "0" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--av-accent) 7%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "var(--av-line)" },
  ".cm-content": { caretColor: "var(--av-accent)" },
  ".cm-cursor": { borderLeftColor: "var(--av-accent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--av-accent) 28%, transparent)",
  },
  ".cm-tooltip": {
    backgroundColor: "var(--av-surface)",
    color: "var(--av-text)",
    border: "1px solid var(--av-line)",
    borderRadius: "8px",
    overflow: "hidden",
  },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--av-accent-back)", color: "var(--av-accent)" },
  ".cm-completionInfo": { maxWidth: "320px", padding: "6px 10px" },
  ".cm-diagnostic": { padding: "6px 10px", borderLeftWidth: "4px" },
  ".cm-panels": { backgroundColor: "var(--av-sunk)", color: "var(--av-text)" },
  ".cm-panels button, .cm-panels input": { color: "var(--av-text)", background: "var(--av-surface)" },
});

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--av-person)" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--av-good)" },
  { tag: [tags.comment, tags.meta], color: "var(--av-faint)", fontStyle: "italic" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--av-warn)" },
  { tag: [tags.propertyName, tags.attributeName, tags.definition(tags.propertyName)], color: "var(--av-accent)" },
  { tag: [tags.function(tags.variableName), tags.definition(tags.variableName), tags.className, tags.typeName], color: "var(--av-info)" },
  { tag: [tags.tagName, tags.heading], color: "var(--av-info)", fontWeight: "600" },
  { tag: tags.link, textDecoration: "underline" },
]);

export const theme: Extension = [looks, syntaxHighlighting(colours)];
