import type { Extension } from "@codemirror/state";

/** The grammar for a file, fetched when it is needed; nothing for one that is not known. */
export async function grammar(path: string): Promise<Extension> {
  const ending = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  switch (ending) {
    case "py":
      return (await import("@codemirror/lang-python")).python();
    case "js":
    case "mjs":
    case "jsx":
    case "ts":
    case "tsx":
    case "json":
      return (await import("@codemirror/lang-javascript")).javascript({ jsx: ending.endsWith("x"), typescript: ending.startsWith("t") });
    case "html":
    case "htm":
      return (await import("@codemirror/lang-html")).html();
    case "css":
      return (await import("@codemirror/lang-css")).css();
    case "md":
      return (await import("@codemirror/lang-markdown")).markdown();
    case "yaml":
    case "yml":
      return (await import("@codemirror/lang-yaml")).yaml();
    default:
      return [];
  }
}
