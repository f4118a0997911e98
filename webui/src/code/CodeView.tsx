import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { useEffect, useMemo } from "react";

import { plain } from "@/ui/format";

import { grammar } from "./languages";
import { theme } from "./theme";
import { useEditor } from "./useEditor";

/** A file, to read: coloured, with line numbers. */
export default function CodeView({ text, path }: { text: string; path: string }) {
  const language = useMemo(() => new Compartment(), []);
  const { host, view } = useEditor(plain(text), [
    lineNumbers(),
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.contentAttributes.of({ "aria-label": path, tabindex: "0" }),
    EditorView.lineWrapping,
    theme,
    language.of([]),
  ]);
  useEffect(() => {
    if (!view) return;
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: plain(text) } });
  }, [view, text]);
  useEffect(() => {
    let current = true;
    void grammar(path).then((found) => current && view?.dispatch({ effects: language.reconfigure(found) }));
    return () => {
      current = false;
    };
  }, [view, path, language]);
  return <div ref={host} style={{ height: "100%" }} />;
}
