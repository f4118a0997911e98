import { EditorState, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useRef, useState, type RefObject } from "react";

/**
 * An editor in a shadow tree: there CodeMirror adopts constructed style sheets, where in the document it would write
 * <style> elements, which the page's policy forbids.
 */
export function useEditor(text: string, extensions: Extension): { host: RefObject<HTMLDivElement | null>; view: EditorView | undefined } {
  const host = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<EditorView>();
  const first = useRef({ text, extensions });
  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
    const state = EditorState.create({ doc: first.current.text, extensions: first.current.extensions });
    const made = new EditorView({ state, parent: root, root });
    setView(made);
    return () => made.destroy();
  }, []);
  return { host, view };
}
