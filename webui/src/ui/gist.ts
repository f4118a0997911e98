import { blocks } from "@/journal/blocks";

import { oneLine } from "./format";

/** What a reply says, in one line. */
export function gist(text: string, most = 180): string {
  const parts = blocks(text).map((part) => {
    if (part.kind === "text") return part.text;
    if (part.kind === "change") return `[${part.path}]`;
    if (part.kind === "code") return `[${part.path || part.language}]`;
    return Object.entries(part.value as object)
      .filter(([, value]) => value !== "" && !(Array.isArray(value) && value.length === 0))
      .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.length : typeof value === "object" ? "…" : String(value)}`)
      .join(" · ");
  });
  return oneLine(parts.join(" "), most);
}
