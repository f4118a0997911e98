import { autocompletion, closeBrackets, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab, redo, redoDepth, undo, undoDepth } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput } from "@codemirror/language";
import { lintGutter, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { useEffect, useImperativeHandle, useMemo, useRef, type Ref } from "react";
import { useTranslation } from "react-i18next";

import type { LocatedProblem } from "@/api/types.gen";
import { inWords } from "@/i18n/sentences";

import { plain, TRICKS } from "@/ui/plain";

import { completions, type Names } from "./completion";
import { theme } from "./theme";
import { useEditor } from "./useEditor";

export interface EditorHandle {
  readonly undo: () => void;
  readonly redo: () => void;
  /** Make the text `text` by the smallest change, as one step that can be undone. */
  readonly become: (text: string) => void;
  readonly goTo: (line: number) => void;
}

export interface Depths {
  readonly undo: number;
  readonly redo: number;
}

interface Props {
  readonly initial: string;
  readonly label: string;
  readonly schema: object | undefined;
  readonly names: Names;
  readonly problems: readonly LocatedProblem[];
  readonly changed: (text: string, depths: Depths) => void;
  readonly save: () => void;
  readonly handle: Ref<EditorHandle>;
}

/** A YAML text with completion and located problems. */
export default function YamlEditor({ initial, label, schema, names, problems, changed, save, handle }: Props) {
  const { t } = useTranslation();
  const completing = useMemo(() => new Compartment(), []);
  const latest = useRef({ names, changed, save });
  latest.current = { names, changed, save };
  const { host, view } = useEditor(initial, [
    lineNumbers(),
    highlightActiveLineGutter(),
    highlightActiveLine(),
    foldGutter(),
    history(),
    highlightSpecialChars({ addSpecialChars: TRICKS, render: shownSign }),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    highlightSelectionMatches(),
    lintGutter(),
    yaml(),
    theme,
    EditorState.tabSize.of(2),
    EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
    completing.of([]),
    keymap.of([
      { key: "Mod-s", preventDefault: true, run: () => (latest.current.save(), true) },
      ...defaultKeymap,
      ...historyKeymap,
      ...searchKeymap,
      ...foldKeymap,
      ...completionKeymap,
      indentWithTab,
    ]),
    EditorView.updateListener.of((update) => {
      if (!update.docChanged) return;
      const { state } = update;
      latest.current.changed(state.doc.toString(), { undo: undoDepth(state), redo: redoDepth(state) });
    }),
  ]);
  useEffect(() => {
    if (!view || !schema) return;
    const source = completions(schema, () => latest.current.names);
    view.dispatch({ effects: completing.reconfigure(autocompletion({ override: [source], icons: false })) });
  }, [view, schema, completing]);
  useEffect(() => {
    if (view) view.dispatch(setDiagnostics(view.state, diagnostics(view.state, problems)));
  }, [view, problems]);
  useImperativeHandle(
    handle,
    () => ({
      undo: () => void (view && undo(view)),
      redo: () => void (view && redo(view)),
      become: (text) => view && become(view, text),
      goTo: (line) => view && goTo(view, line),
    }),
    [view],
  );
  return <div ref={host} style={{ height: "100%" }} title={t("company.text")} />;
}

/** What would act instead of being read, as a sign that stands for it; the text itself keeps it. */
function shownSign(code: number): HTMLElement {
  const sign = document.createElement("span");
  sign.className = "cm-specialChar";
  sign.textContent = plain(String.fromCodePoint(code));
  return sign;
}

function diagnostics(state: EditorState, problems: readonly LocatedProblem[]): Diagnostic[] {
  return problems.flatMap((problem) => {
    if (problem.line < 1 || problem.line > state.doc.lines) return [];
    const line = state.doc.line(problem.line);
    const from = Math.min(line.to, line.from + Math.max(0, problem.column - 1));
    const word = /^[^\s:,[\]{}#]+/.exec(line.text.slice(from - line.from))?.[0].length ?? 0;
    const said = inWords(problem.fix ? `${problem.what}\n${problem.fix}` : problem.what);
    const message = plain(said.replace("\n", " "));
    return [{ from, to: Math.min(line.to, from + Math.max(1, word)), severity: problem.severity === "warning" ? "warning" : "error", message } as const];
  });
}

function become(view: EditorView, text: string): void {
  const now = view.state.doc.toString();
  let from = 0;
  while (from < now.length && from < text.length && now[from] === text[from]) from += 1;
  let [end, to] = [text.length, now.length];
  while (to > from && end > from && now[to - 1] === text[end - 1]) [end, to] = [end - 1, to - 1];
  if (from === to && from === end) return;
  view.dispatch({ changes: { from, to, insert: text.slice(from, end) }, userEvent: "input.graph", scrollIntoView: true });
}

function goTo(view: EditorView, line: number): void {
  const place = view.state.doc.line(Math.min(Math.max(1, line), view.state.doc.lines));
  view.dispatch({ selection: { anchor: place.from }, effects: EditorView.scrollIntoView(place.from, { y: "center" }) });
  view.focus();
}
